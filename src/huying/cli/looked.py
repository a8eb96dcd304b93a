"""The extract that a person may be given: who looked at their data, in both languages."""

from __future__ import annotations

import argparse
from typing import Any

from huying.base.refusal import Refusal
from huying.base.text import LANGUAGES, say
from huying.bootstrap import Installation
from huying.cli.console import Console
from huying.domain.call import Call
from huying.edge.instants import iso_local
from huying.privacy.looked import Looked, looked_at
from huying.service.intake import hash_of_code
from huying.words import load_words

# A caller's code has ten digits; numbers of contacts are shorter for the first ten thousand million facts.
CODE_DIGITS = 10


def tell_looked(house: Installation, args: argparse.Namespace, console: Console) -> None:
    call = _call(house, args.code.replace(" ", "").replace("-", ""))
    lines = looked_at(call, house.questions.looked(call))
    if not console.json:
        for lang in LANGUAGES:
            _print(house, call, lines, lang, console)
    console.answer(
        {
            "call": call.id,
            "contact": call.contact,
            "looks": [{name: getattr(each, name) for name in Looked.__struct_fields__} for each in lines],
        }
    )


def _call(house: Installation, said: str) -> Call:
    """The call of a caller's code, or the one that left the contact of this number."""
    if len(said) == CODE_DIGITS and said.isdigit():
        return house.questions.call_by_code(hash_of_code(said))  # type: ignore[no-any-return]
    if said.isascii() and said.isdigit():
        # A contact is sealed right before its call is put on record.
        for call in house.questions.calls([int(said) + 1]):
            if call.contact == int(said):
                return call  # type: ignore[no-any-return]
    raise Refusal("not_found", noun="contact", id=said[:20])


def _print(house: Installation, call: Call, lines: list[Looked], lang: str, console: Console) -> None:
    words, zone = load_words(), house.pack.worktime.zone

    def out(key: str, **params: Any) -> None:
        print(words.say(key, lang, **params), file=console.out)

    out(
        "looked.title",
        city=say(house.pack.title, lang),
        call=call.id,
        received=iso_local(call.at, zone),
        now=iso_local(house.clock.now(), zone),
    )
    for each in lines:
        out(
            "looked.line",
            at=iso_local(each.at, zone),
            actor=each.actor,
            what=words.say(f"looked.{each.what}", lang),
            purpose=words.say(f"purpose.{each.purpose}", lang).removeprefix("purpose."),
            rule=each.rule or "–",
            second=each.second or "–",
            seq=each.seq,
        )
    out("looked.end", count=len(lines))
