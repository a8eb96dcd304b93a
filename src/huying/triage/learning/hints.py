"""What a pack itself says of its classes, as texts to learn from before anybody has labelled a report."""

from __future__ import annotations

from huying.domain.pack import IncidentType, Pack
from huying.triage.phrases import APART, OR

HEADS = ("type", "police", "agency", "urgency", "scam")
"""What the model says of a call: its type, whether it is police business, who is competent, how urgent, and
what kind of scam."""

WEIGHT_MIN = 1.0
"""Words that speak less than one ordinary word for a type would teach noise."""


def hints_of(pack: Pack) -> tuple[list[str], dict[str, list[str]]]:
    """Texts and their labels by head: names and descriptions of all types, and the words that speak for them.

    Nothing is said of scams, of which a pack has no list.
    """
    texts: list[str] = []
    labels: dict[str, list[str]] = {head: [] for head in HEADS}

    def add(text: str, type: IncidentType) -> None:
        texts.append(text)
        # A type whose agency depends on the place says nothing of who is competent.
        agency = type.agency if type.agency in pack.agencies else ""
        said = (type.code, "yes" if type.police else "no", agency, str(type.priority), "")
        for head, label in zip(HEADS, said, strict=True):
            labels[head].append(label)

    for type in pack.types.values():
        for each in (*type.name.values(), *type.description.values()):
            if each:
                add(each, type)
    for word in pack.words:
        # Words said apart are a rule and no example: nobody says them one after another.
        if word.weight >= WEIGHT_MIN and APART not in word.words and OR not in word.words:
            add(word.words, pack.types[word.type])
    return texts, labels
