"""Who looked at somebody's data, line by line: what the person may be told."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from huying.domain.call import Call
from huying.domain.facts import ContactErased, ContactOpened, Fact
from huying.domain.oversight_facts import ContactAgreed, GlassBroken, GlassReviewed, LooksRecorded


class Looked(Struct, frozen=True, omit_defaults=True):
    """`actor` saw `what` at `at` (UTC µs) for `purpose`; `rule` allowed it, `second` agreed. `what`: words,
    media, stream, contact, glass (an emergency view), agreed, reviewed, erased. `seq` is the fact's."""

    at: int
    actor: str
    what: str
    purpose: str
    seq: int
    rule: str = ""
    second: str = ""
    why: str = ""


def looked_at(call: Call, facts: Iterable[Fact]) -> list[Looked]:
    """The lines about one call, in order of time; `facts` may tell of other calls as well."""
    lines: list[Looked] = []
    for fact in facts:
        body = fact.body
        if isinstance(body, LooksRecorded):
            lines += [
                Looked(each.at, each.actor, _what(each.thing), each.purpose, fact.seq, each.rule)
                for each in body.looks
                if call.id in each.calls or each.since <= call.id <= each.until
            ]
            continue
        own = (fact.at, fact.actor)
        if isinstance(body, ContactOpened) and body.contact == call.contact:
            lines.append(Looked(*own, "contact", fact.purpose, fact.seq, body.rule, body.second))
        elif isinstance(body, ContactErased) and fact.stream == call.contact:
            lines.append(Looked(*own, "erased", fact.purpose, fact.seq, why=body.why))
        elif isinstance(body, ContactAgreed):
            lines.append(Looked(*own, "agreed", fact.purpose, fact.seq))
        elif isinstance(body, GlassBroken):
            lines.append(Looked(*own, "glass", fact.purpose, fact.seq, why=body.why))
        elif isinstance(body, GlassReviewed):
            lines.append(Looked(*own, "reviewed", fact.purpose, fact.seq, why=body.words))
    return sorted(lines, key=lambda each: (each.at, each.seq))


def _what(thing: str) -> str:
    return "words" if thing == "call" else thing
