"""The terminal: sentences for people, JSON for programs, progress only where somebody is looking."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

import msgspec

from huying.base.refusal import Refusal
from huying.words import load_words
from huying.words.explain import explain

# Drawing more often than an eye can follow only costs time.
REDRAW_S = 0.1


def choose_language(lang: str, environ: Mapping[str, str]) -> str:
    """`lang` when it is one of ours, else what the terminal's locale says, else English.

    The variables are asked in the order that POSIX gives: LC_ALL, LC_MESSAGES, LANG.
    """
    if lang in ("zh", "en"):
        return lang
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environ.get(name))), "")
    return "zh" if locale.lower().startswith("zh") else "en"


class Console:
    """Where a command speaks. `json` turns sentences off and the one answer into a line of JSON."""

    def __init__(self, lang: str, json: bool, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.lang = lang
        self.json = json
        self.out = out or sys.stdout
        self.err = err or sys.stderr

    def word(self, key: str, **params: Any) -> str:
        return load_words().say(key, self.lang, **params)

    def say(self, key: str, **params: Any) -> None:
        """One sentence of the answer; nothing in JSON mode."""
        if not self.json:
            print(self.word(key, **params), file=self.out, flush=True)

    def note(self, key: str, **params: Any) -> None:
        """A sentence beside the answer, in either mode."""
        print(self.word(key, **params), file=self.err, flush=True)

    def answer(self, answer: Any) -> None:
        """The whole answer for a program: one line of JSON; nothing for people."""
        if self.json:
            print(msgspec.json.encode(answer).decode(), file=self.out, flush=True)

    def refuse(self, refusal: Refusal) -> None:
        """Say what was refused and what to do; in JSON mode as an object `refusal` too."""
        said = explain(refusal, self.lang)
        self.answer({"refusal": {"code": said.code, "sentence": said.sentence, "todo": said.todo}})
        print(f"{said.sentence}\n{said.todo}", file=self.err, flush=True)

    @contextmanager
    def progress(self, key: str) -> Iterator[Progress]:
        """A line that shows how far it is, on a terminal; nothing in a pipe, and nothing left behind."""
        bar = Progress(self.word(key), self.err if self.err.isatty() else None)
        try:
            yield bar
        finally:
            bar.wipe()


class Progress:
    """How far it is: call it with (done, total); total 0 means that nobody knows."""

    def __init__(self, label: str, terminal: TextIO | None) -> None:
        self.label = label
        self.terminal = terminal
        self._began = time.monotonic()
        self._drawn = 0.0

    def __call__(self, done: int, total: int = 0) -> None:
        now = time.monotonic()
        if self.terminal is None or (now - self._drawn < REDRAW_S and done != total):
            return
        self._drawn = now
        of = f" / {total:,}  {100 * done // total:3d} %" if total else ""
        rate = done / max(now - self._began, 0.001)
        self.terminal.write(f"\r\x1b[K{self.label}  {done:,}{of}  {rate:,.0f}/s")
        self.terminal.flush()

    def wipe(self) -> None:
        if self.terminal is not None and self._drawn:
            self.terminal.write("\r\x1b[K")
            self.terminal.flush()
