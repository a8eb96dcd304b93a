"""A rule of dispatch in the shadow: what it would have sent is put on record beside what was sent."""

from __future__ import annotations

from huying.domain.commands import Command
from huying.domain.payload import Payload

DOOR = "dispatch.shadow"
"""The name under which the store finds the fact that last said which rule is watched."""


class SetShadowPolicy(Command, frozen=True, kw_only=True):
    """From now on the rule is watched beside the desk; empty ends it. It sends nobody."""

    policy: str
    why: str = ""


class ShadowSet(Payload, frozen=True):
    policy: str
    was: str = ""
    why: str = ""


class DispatchShadowed(Payload, frozen=True):
    """The desk sent `sent`, the first of them to be there in `sent_s` seconds; the rule would have sent
    `chosen`, there in `chosen_s` (-1 for nobody)."""

    policy: str
    sent: tuple[str, ...]
    chosen: tuple[str, ...]
    sent_s: int
    chosen_s: int


SHADOWS: dict[str, type[Payload]] = {
    "dispatch.shadow_set": ShadowSet,
    "assignment.shadowed": DispatchShadowed,
}
