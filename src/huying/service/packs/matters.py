"""What things are called: types, questions, words, dispositions, and the gazetteer."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from huying.base.text import Text
from huying.domain.pack import (
    LETTER_SLOTS,
    Disposition,
    GazetteerPlace,
    IncidentType,
    LetterPart,
    Question,
    TypeWord,
)
from huying.service.packs.forces import read_point
from huying.service.packs.tables import Row, by_code

QUESTION_KINDS = ("yesno", "choice", "text", "number")

# What speaks for a type is a word, a phrase or a few parts with their choices, not a page.
WORDS_CHARS_MAX = 600

# The agency competent for the place's town, in `types.csv` and `rules.csv`.
TOWN = "{town}"

_VALUE = re.compile(r"[^\s=|/]{1,40}")
_SLOT = re.compile(r"\{(\w*)\}")


def read_questions(rows: Sequence[Row], languages: Sequence[str]) -> dict[str, Question]:
    def read(row: Row, code: str) -> Question:
        kind = row.one_of("kind", QUESTION_KINDS)
        choices = _choices(row, languages)
        if (kind == "choice") != bool(choices):
            row.bad("choices_only_choice", "choices", kind=kind)
        return Question(
            code=code,
            kind=kind,
            text=row.name("text", languages),
            choices=choices,
            required=row.flag("required"),
        )

    return by_code(rows, read)


def _choices(row: Row, languages: Sequence[str]) -> tuple[tuple[str, Text], ...]:
    """`value=name|value=name`; a name is said in each language in the order of `languages`, parted by `/`."""
    choices: dict[str, Text] = {}
    for each in filter(None, map(str.strip, row.raw("choices").split("|"))):
        value, _, said = each.partition("=")
        names = [name.strip() for name in said.split("/")] if len(languages) > 1 else [said.strip()]
        if len(names) == 1:
            names = names * len(languages)
        if not _VALUE.fullmatch(value) or len(names) != len(languages) or not all(names) or value in choices:
            row.bad("choice_bad", "choices", choice=each)
            continue
        choices[value] = dict(zip(languages, names, strict=True))
    return tuple(choices.items())


def read_types(
    rows: Sequence[Row],
    agencies: Collection[str],
    run_cards: Collection[str],
    questions: Collection[str],
    languages: Collection[str],
) -> dict[str, IncidentType]:
    def read(row: Row, code: str) -> IncidentType:
        return IncidentType(
            code=code,
            name=row.name("name", languages),
            group=row.code("group"),
            priority=row.whole("priority", 1, 5),
            police=row.flag("police"),
            agency=TOWN if row.raw("agency") == TOWN else row.ref("agency", agencies, "agency"),
            run_card=row.ref("run_card", run_cards, "run_card"),
            questions=row.refs("questions", questions, "question"),
            open311=row.flag("open311"),
            apco=row.raw("apco"),
            description=row.name("description", languages, needed=False),
        )

    return by_code(rows, read)


def read_words(rows: Sequence[Row], types: Collection[str]) -> tuple[TypeWord, ...]:
    seen: dict[tuple[str, str], int] = {}
    words = []
    for row in rows:
        each = TypeWord(
            line=row.line,
            words=row.filled("words"),
            type=row.ref("type", types, "type", needed=True),
            weight=row.number("weight", 0.1, 10, 1.0),
            priority=row.whole("priority", 1, 5) if row.raw("priority") else 0,
        )
        if len(each.words) > WORDS_CHARS_MAX:
            row.bad("words_too_long", "words", max=WORDS_CHARS_MAX)
        first = seen.setdefault((each.words.casefold(), each.type), row.line)
        if first != row.line:
            row.warn("words_twice", value=each.words, first=first)
        words.append(each)
    return tuple(words)


def read_dispositions(rows: Sequence[Row], languages: Collection[str]) -> dict[str, Disposition]:
    return by_code(
        rows, lambda row, code: Disposition(code, row.name("name", languages), row.flag("follow_up"))
    )


def read_letter(rows: Sequence[Row], languages: Collection[str]) -> tuple[LetterPart, ...]:
    """The paragraphs of a printed answer; a slot that nothing fills would be printed as it stands."""

    def read(row: Row, code: str) -> LetterPart:
        text = row.name("text", languages)
        for lang, words in text.items():
            for slot in _SLOT.findall(words):
                if slot not in LETTER_SLOTS:
                    possible = " ".join(sorted(LETTER_SLOTS))
                    row.bad("slot_unknown", f"text_{lang}", slot=slot, possible=possible)
        return LetterPart(code, text)

    return tuple(by_code(rows, read).values())


def read_places(
    rows: Sequence[Row], areas: Mapping[str, object], languages: Collection[str]
) -> dict[str, GazetteerPlace]:
    def read(row: Row, code: str) -> GazetteerPlace:
        lat, lon = read_point(row)
        return GazetteerPlace(
            code=code,
            kind=row.filled("kind"),
            name=row.name("name", languages),
            aliases=tuple(filter(None, map(str.strip, row.raw("aliases").split("|")))),
            lat=lat,
            lon=lon,
            area=row.ref("area", areas, "area"),
        )

    return by_code(rows, read)
