"""The pack's words in a caller's words."""

from __future__ import annotations

from collections.abc import Iterable

from huying.domain.pack import TypeWord
from huying.geo.names import Found, Names
from huying.triage.reading import Reader


class WordFinder:
    """Finds which of a pack's words are said in the one form of a text (`reading`), and where.

    Args:
        words: a row may be a single word or a phrase; rows of one character find nothing.
        reader: reads the rows as the texts are read.
    """

    def __init__(self, words: Iterable[TypeWord], reader: Reader) -> None:
        self._names = Names((reader.read(row.words).text, row) for row in words)

    def find(self, text: str) -> list[Found[TypeWord]]:
        """All occurrences in order; overlapping words each count, for each is a row that the city wrote."""
        return self._names.find(text) if text else []

    def said(self, text: str) -> list[Found[TypeWord]]:
        """Each row that is said, once, where it is said first: saying it again adds no evidence."""
        found = self.find(text)
        if len(found) < 2:
            return found
        first: dict[int, Found[TypeWord]] = {}
        for each in found:
            first.setdefault(id(each.value), each)
        return list(first.values())
