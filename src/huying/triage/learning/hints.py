"""What a pack itself says of its classes, as texts to learn from before anybody has labelled a report."""

from __future__ import annotations

from huying.domain.pack import IncidentType, Pack
from huying.triage import scams
from huying.triage.phrases import APART, OR, Phrases
from huying.triage.reading import reader_of

HEADS = ("type", "police", "agency", "urgency", "scam")
"""What the model says of a call: its type, whether it is police business, who is competent, how urgent, and
what kind of scam."""

WEIGHT_MIN = 1.0
"""Words that speak less than one ordinary word for a type would teach noise."""


def hints_of(pack: Pack) -> tuple[list[str], dict[str, list[str]]]:
    """Texts and their labels by head: names and descriptions of all types, the words that speak for them, and
    the words that speak for a kind of scam. What has no label for a head is empty there.

    Names and words of a type say that it is no scam, but for types whose own words may tell of one; of a pack
    without words of scams nothing is said of them.
    """
    texts: list[str] = []
    labels: dict[str, list[str]] = {head: [] for head in HEADS}
    open_types = _of_scams(pack)

    def add(text: str, *said: str) -> None:
        texts.append(text)
        for head, label in zip(HEADS, said, strict=True):
            labels[head].append(label)

    def add_type(text: str, type: IncidentType) -> None:
        # A type whose agency depends on the place says nothing of who is competent.
        agency = type.agency if type.agency in pack.agencies else ""
        scam = "" if type.code in open_types else scams.NONE
        add(text, type.code, "yes" if type.police else "no", agency, str(type.priority), scam)

    for type in pack.types.values():
        for each in _said_of(type):
            add_type(each, type)
    for word in pack.words:
        if word.weight >= WEIGHT_MIN and _example(word.words):
            add_type(word.words, pack.types[word.type])
    for row in pack.scam_words:
        if row.weight >= WEIGHT_MIN and _example(row.words) and row.kind not in (scams.ANY, scams.NONE):
            add(row.words, "", "", "", "", row.kind)
    return texts, labels


def _said_of(type: IncidentType) -> list[str]:
    return [each for each in (*type.name.values(), *type.description.values()) if each]


def _example(words: str) -> bool:
    """Words said apart are a rule and no example: nobody says them one after another."""
    return APART not in words and OR not in words


def _of_scams(pack: Pack) -> frozenset[str]:
    """Types of which it isn't known whether they are scams: the default type, and those of which a name or a
    word would show the scam card by itself; all, where the pack has no words of scams."""
    reader = reader_of(pack.shorthand)
    kinds = [row for row in pack.scam_words if row.kind not in (scams.ANY, scams.NONE)]
    if not kinds:
        return frozenset(pack.types)
    telling = Phrases(((row.words, row) for row in kinds if row.weight >= scams.WEIGHT_MIN), reader)
    said = [(type.code, each) for type in pack.types.values() for each in _said_of(type)]
    said += [(word.type, word.words) for word in pack.words if _example(word.words)]
    return frozenset(code for code, text in said if telling.find(reader.text(text))) | {pack.default_type}
