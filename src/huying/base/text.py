"""Sentences by key and language. The dictionaries are read by the outer half and handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LANGUAGES = ("zh", "en")

Text = Mapping[str, str]
"""One thing said in several languages: language → words."""


def say(text: Text, lang: str) -> str:
    """The words in `lang`, else in the first language there is, else nothing."""
    return text.get(lang) or next((words for words in text.values() if words), "")


class Words:
    """All sentences of the project: language → key → sentence with `{name}` slots."""

    def __init__(self, by_language: Mapping[str, Mapping[str, str]]) -> None:
        self.by_language = by_language

    def say(self, key: str, lang: str, /, **params: Any) -> str:
        """The sentence in `lang`; the key itself when no language knows it (a test forbids that)."""
        for candidate in (lang, *LANGUAGES):
            sentence = self.by_language.get(candidate, {}).get(key)
            if sentence is not None:
                return sentence.format_map(_Slots(params, lang))
        return key


class _Slots(dict[str, Any]):
    """Values by slot; a slot `why` is also filled by `why_<lang>`, for what a city says in each language."""

    def __init__(self, params: Mapping[str, Any], lang: str) -> None:
        super().__init__(params)
        self.lang = lang

    def __missing__(self, key: str) -> Any:
        return self.get(f"{key}_{self.lang}", "{" + key + "}")
