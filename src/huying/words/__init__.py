"""Every sentence that a person reads, in both languages: one TOML file per room, flat keys."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from huying.base.text import LANGUAGES, Words


@cache
def load_words() -> Words:
    """All sentences of all rooms.

    Raises:
        ValueError: a key is said twice in one language, or isn't a sentence.
    """
    return Words({lang: _language(lang) for lang in LANGUAGES})


def _language(lang: str) -> dict[str, str]:
    sentences: dict[str, str] = {}
    for path in sorted((files(__name__) / lang).iterdir(), key=lambda each: each.name):
        if not path.name.endswith(".toml"):
            continue
        for key, sentence in tomllib.loads(path.read_text("utf-8")).items():
            if not isinstance(sentence, str):
                raise ValueError(f"words/{lang}/{path.name}: {key} must be one flat, quoted key")
            if key in sentences:
                raise ValueError(f"words/{lang}/{path.name}: {key} is said twice")
            sentences[key] = sentence
    return sentences
