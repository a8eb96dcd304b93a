"""The pack's words in a caller's words."""

from __future__ import annotations

from collections.abc import Iterable

from huying.domain.pack import TypeWord
from huying.geo.names import Found, Names
from huying.triage.phrases import Phrases
from huying.triage.reading import Reader


class WordFinder:
    """Finds which of a pack's words are said in the one form of a text (`reading`), and where.

    Args:
        words: a row may be a word, a phrase, or words said apart (`phrases`); one character finds nothing.
        reader: reads the rows as the texts are read.
        places: names of the gazetteer. A word inside one of them is part of a name and says nothing: a road
            that ends in Sea Wall Village has nothing to do with a sea wall.
    """

    def __init__(self, words: Iterable[TypeWord], reader: Reader, places: Iterable[str] = ()) -> None:
        self._phrases = Phrases(((row.words, row) for row in words), reader)
        read = (reader.text(name) for name in places)
        self._places = Names((name, name) for name in read if self._phrases.find(name))

    def find(self, text: str) -> list[Found[TypeWord]]:
        """All occurrences in order; overlapping words each count, for each is a row that the city wrote."""
        found = self._phrases.find(text)
        if not found or not (named := self._places.find(text)):
            return found
        return [each for each in found if not any(_inside(each, place) for place in named)]

    def said(self, text: str) -> list[Found[TypeWord]]:
        """Each row that is said, once, where it is said first: saying it again adds no evidence."""
        found = self.find(text)
        if len(found) < 2:
            return found
        first: dict[int, Found[TypeWord]] = {}
        for each in found:
            first.setdefault(id(each.value), each)
        return list(first.values())


def _inside(word: Found[TypeWord], place: Found[str]) -> bool:
    """Whether the word is a part of the name; a name that is nothing but the word still says it."""
    longer = place.end - place.start > word.end - word.start
    return longer and place.start <= word.start and word.end <= place.end
