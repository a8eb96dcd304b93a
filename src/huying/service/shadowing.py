"""A rule of dispatch is watched beside the desk: its choice is put on record, never acted on."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite
from typing import Any

from huying.base.refusal import Refusal
from huying.dispatch.policies import POLICIES
from huying.domain.incident import Incident
from huying.domain.shadow import DOOR, DispatchShadowed, SetShadowPolicy, ShadowSet
from huying.domain.unit import Unit
from huying.service.work import Work

WHY_MAX = 500


def set_shadow_policy(work: Work, command: SetShadowPolicy) -> dict[str, Any]:
    """Watch a rule from now on; empty ends it."""
    if command.policy and command.policy not in POLICIES:
        raise Refusal("unknown_code", noun="dispatch_policy", code=command.policy[:40])
    if len(command.why) > WHY_MAX:
        raise Refusal("too_long", field="why", limit=WHY_MAX)
    was = watched(work)
    if was == command.policy:
        raise Refusal("already_so", id=was or "–")
    work.begin(ShadowSet(policy=command.policy, was=was, why=command.why))
    return {"policy": command.policy, "was": was}


def watched(work: Work) -> str:
    """The rule that is watched; empty for none."""
    stream = work.behind(DOOR)
    if not stream:
        return ""
    here = [each.body for each in work.batch.facts if each.stream == stream]
    facts = here or [each.body for each in work.store.load_streams([stream])]
    return facts[-1].policy if facts and isinstance(facts[-1], ShadowSet) else ""


def chosen_by(work: Work, policy: str, incident: Incident) -> list[tuple[str, float]]:
    """Whom the rule would send to the incident now, before anybody is sent."""
    found = POLICIES[policy](work.pack, [incident], work.units(), work.house.travel, work.at)
    return list(found)


def note_choice(
    work: Work,
    policy: str,
    incident: Incident,
    chosen: Sequence[tuple[str, float]],
    units: Sequence[Unit],
    times: Sequence[float],
) -> None:
    """Put both choices on record, on the incident."""
    work.on(
        incident,
        DispatchShadowed(
            policy=policy,
            sent=tuple(each.code for each in units),
            chosen=tuple(code for code, _ in chosen),
            sent_s=_first(times),
            chosen_s=_first([seconds for _, seconds in chosen]),
        ),
    )


def _first(times: Sequence[float]) -> int:
    least = min(times, default=inf)
    return round(least) if isfinite(least) else -1
