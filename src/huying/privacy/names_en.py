"""Names in English and in pinyin: after words that announce one, after a title, and beside a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from huying.privacy.spans import Span

NEAR = 40
# The longest word of a name; a longer one is none.
_WORD = r"[A-Za-z][A-Za-z'’\-]{0,29}"
_CAPITAL = r"[A-Z][A-Za-z'’\-]{0,29}"
_ANNOUNCED = re.compile(
    rf"\b(?:my name(?:'s| is)|name(?: is|:)|i am called|named|surname is|contact(?: person)?:|caller:|"
    rf"complainant:|reported by:?) +((?i:mr|mrs|ms|dr)\.? +)?({_WORD}(?: +{_WORD}){{0,2}})",
    re.IGNORECASE,
)
_CAPITALS = re.compile(
    rf"\b(?:[Tt]his is|[Ii](?: a|['’])m|[Cc]all me|[Aa]sk for|[Ss]peak(?:ing)? to|[Cc]ontact|[Cc]alled|"
    rf"neighbou?r|landlord|tenant|husband|wife|son|daughter) +({_CAPITAL}(?: +{_CAPITAL}){{0,2}})"
)
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr)\.? +({_CAPITAL}(?: +{_CAPITAL})?)")
_BEFORE = re.compile(
    rf"({_CAPITAL}(?: +{_CAPITAL}){{0,2}})[,:(]? *"
    rf"(?:(?i:at|on|is|cell|phone|tel|mobile|number|no)[.:]? *){{0,2}}[+(]*$"
)
_BEHIND = re.compile(
    rf"[,;(]? *(?:-+ *)?(?:(?i:ask for|for|contact|name)[: ] *)?({_CAPITAL}(?: +{_CAPITAL}){{0,2}})"
)

# Words that end a name, or that are none although they stand where one could.
_STOP_LIST = """
a about again all am an and are around as at back because before behind but by call calling can car
could did do does down dr every for from front get going got had has have he here hello hi his house
how i if in inside is it its just last left like lives living lost me mr mrs ms my near next no not
now of on one or our out outside over own party people please really redacted right sarcasm she
since so somebody someone sorry still street that the their them then there they this to today
tonight too trying under until up urgent us very was we were what when where which who with yes
yesterday you your
"""
_STOP = frozenset(_STOP_LIST.split())
_NO_NAME_LIST = """
Police Fire Ambulance Emergency Street Road Avenue Ave St Rd Blvd Park Bridge School Hospital
Station Hotel Building Block Room Apt Apartment Unit City County Town Market North South East West
Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July
August September October November December Please Help Call Phone Tel Cell Mobile Number Text
Contact Email Mail ID Card Bank Visa Chinese English American Also Thanks Thank Yes No Ok The A An
My His Her It Is At On And For Order Case Ref Invoice Account Main Highway Route Lane Drive Court
Plaza Square License Plate Fax Office Engine Truck Car Ticket Report Incident Line Hotline Service
Customer Dial Reach Zone Area Floor Gate Animal Traffic Noise Parking Water Power Gas Health Public
Social Security Passport SSN DOB
"""
_NO_NAME = frozenset(_NO_NAME_LIST.split())


_ANY = re.compile(r"[A-Za-z]{2}")


def find_names(text: str, numbers: Iterable[Span]) -> Iterator[Span]:
    """Spans of names; `numbers` are the spans of numbers beside which names are looked for."""
    if not _ANY.search(text):
        return
    for found in _ANNOUNCED.finditer(text):
        yield from _name(found.start(2), found.group(2), _STOP)
    for pattern in (_CAPITALS, _TITLED):
        for found in pattern.finditer(text):
            yield from _name(found.start(1), found.group(1), _STOP, capitals=True)
    for number in numbers:
        if number.kind in ("plate", "number"):
            continue
        start = max(0, number.start - NEAR)
        before = _BEFORE.search(text[start : number.start])
        if before is not None:
            yield from _name(start + before.start(1), before.group(1), _STOP, capitals=True)
        behind = _BEHIND.match(text[number.end : number.end + NEAR])
        if behind is not None:
            yield from _name(number.end + behind.start(1), behind.group(1), _STOP, capitals=True)


def _name(start: int, words: str, stop: frozenset[str], capitals: bool = False) -> Iterator[Span]:
    """The words up to the first that ends a name; nothing when one of them makes it no name."""
    end = 0
    for each in re.finditer(r"[^ ]+", words):
        if each.group().lower() in stop:
            break
        if capitals and each.group().strip("'’-") in _NO_NAME:
            return
        end = each.end()
    if end:
        yield Span(start, start + end, "name")
