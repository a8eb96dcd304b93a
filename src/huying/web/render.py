"""Pages of the package with the words of a language: `{{key}}`, and parts that are shown `<!--if name-->`.

Everything that is put in is escaped; a page holds neither script nor style of its own.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

from huying.words import load_words

_PART = re.compile(r"<!--if (\w+)-->(.*?)<!--end \1-->", re.DOTALL)
_SLOT = re.compile(r"\{\{([\w.]+)\}\}")
_LINE = re.compile(r"<!--each (\w+)-->(.*?)<!--end \1-->", re.DOTALL)


@cache
def _template(name: str) -> str:
    return (files("huying.web") / "static" / name).read_text("utf-8")


def render(
    name: str,
    lang: str,
    parts: Collection[str] = (),
    values: Mapping[str, str] | None = None,
    rows: Mapping[str, list[dict[str, str]]] | None = None,
) -> bytes:
    """The page `name` in `lang`.

    Args:
        parts: names of the conditional parts that are shown; `lang_zh` and `lang_en` by themselves.
        values: for slots without a dot; slots with a dot are keys of the word files.
        rows: for each `<!--each name-->` part the values of its slots, row by row.
    """
    words = load_words()
    known = dict(values or {}) | {"lang": lang}

    def fill(text: str, own: Mapping[str, str]) -> str:
        def one(match: re.Match[str]) -> str:
            key = match[1]
            said = words.say(key, lang, **own) if "." in key else own[key]
            return html.escape(said)

        return _SLOT.sub(one, text)

    text = _template(name)
    shown = {*parts, f"lang_{lang}"}
    while _PART.search(text):  # a part may hold others
        text = _PART.sub(lambda match: match[2] if match[1] in shown else "", text)
    text = _LINE.sub(
        lambda match: "".join(fill(match[2], known | row) for row in (rows or {}).get(match[1], [])), text
    )
    return fill(text, known).encode()
