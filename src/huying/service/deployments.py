"""Plans of deployment: proposed, edited, adopted, ended; adopting one moves posts and shifts."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any

from huying.base.refusal import Refusal
from huying.domain.deployment import (
    AdoptDeployment,
    Deployment,
    DeploymentAdopted,
    DeploymentEdited,
    DeploymentEnded,
    DeploymentProposed,
    EditDeployment,
    EndDeployment,
    Posting,
    ProposeDeployment,
    Wanted,
)
from huying.geo.datum import WGS84
from huying.geo.paces import HOURS, PACE_MAX, PACE_MIN
from huying.service.work import Work

KINDS = ("posts", "shifts", "patrol_base", "paces")
POSTS_MAX, WANTED_MAX, FIGURES_MAX = 500, 200, 100
"""More than a city has units, shifts times abilities, and figures that anybody reads."""

OPEN_MAX = 200
"""Plans on the table or in force at once: a city that has more has stopped deciding."""

TEXT_MAX, WHY_MAX, CREWS_MAX = 120, 500, 1_000


def propose_deployment(work: Work, command: ProposeDeployment) -> dict[str, Any]:
    """Put a plan on record; refuses what names no unit, shift or place of this city."""
    if command.kind not in KINDS:
        raise Refusal("unknown_code", noun="plan_kind", code=command.kind[:40])
    if sum(not each.ended_at for each in work.deployments()) >= OPEN_MAX:
        raise Refusal("plans_too_many", limit=OPEN_MAX)
    if not command.title.strip():
        raise Refusal("plan_empty")
    _said(command.title, command.why)
    _check_paces(command)
    if not command.paces:
        _check(work, command.posts, command.wanted)
    if len(command.figures) > FIGURES_MAX or not all(
        isfinite(value) and len(name) <= TEXT_MAX for name, value in command.figures.items()
    ):
        raise Refusal("out_of_range", field="figures", low=0, high=FIGURES_MAX)
    fact = work.begin(
        DeploymentProposed(
            kind=command.kind,
            title=command.title,
            posts=command.posts,
            wanted=command.wanted,
            figures=command.figures,
            paces=command.paces,
            why=command.why,
        )
    )
    return {"plan_id": fact.stream, "version": 1}


def edit_deployment(work: Work, command: EditDeployment) -> dict[str, Any]:
    plan = _open(work, command.plan, command.version)
    if plan.adopted_at:
        raise Refusal("plan_in_force", id=plan.id)
    posts = plan.posts if command.posts is None else command.posts
    wanted = plan.wanted if command.wanted is None else command.wanted
    title = command.title or plan.title
    _said(title, command.why)
    if not plan.paces:
        _check(work, posts, wanted)
    elif posts or wanted:
        raise Refusal("unknown_code", noun="plan_kind", code=plan.kind)
    fact = work.of_plan(plan, DeploymentEdited(title=title, posts=posts, wanted=wanted, why=command.why))
    return {"plan_id": plan.id, "version": fact.version}


def adopt_deployment(work: Work, command: AdoptDeployment) -> dict[str, Any]:
    """From now on, or from `since_at`; checked anew, for the pack may be another by now."""
    plan = _open(work, command.plan, command.version)
    if plan.adopted_at:
        raise Refusal("already_so", id=plan.id)
    if work.actor == plan.changed_by:
        raise Refusal("plan_own", id=plan.id)
    _why(command.why)
    if command.since_at and command.since_at < work.at:
        raise Refusal("plan_past", since=command.since_at)
    if not plan.paces:
        _check(work, plan.posts, plan.wanted)
    fact = work.of_plan(plan, DeploymentAdopted(why=command.why, since_at=command.since_at))
    return {"plan_id": plan.id, "version": fact.version}


def end_deployment(work: Work, command: EndDeployment) -> dict[str, Any]:
    plan = _open(work, command.plan, 0)
    _why(command.why)
    fact = work.of_plan(plan, DeploymentEnded(why=command.why))
    return {"plan_id": plan.id, "version": fact.version}


def _open(work: Work, id: int, version: int) -> Deployment:
    plan = work.deployment(id)
    if plan.ended_at:
        raise Refusal("already_so", id=plan.id)
    if version and version != plan.version:
        raise Refusal(
            "changed_meanwhile",
            id=id,
            version=plan.version,
            expected=version,
            by=plan.changed_by,
            at=plan.changed_at,
        )
    return plan


def _why(why: str) -> None:
    if not why.strip():
        raise Refusal("why_missing")
    _said("", why)


def _said(title: str, why: str) -> None:
    for field, text, limit in (("title", title, TEXT_MAX), ("why", why, WHY_MAX)):
        if len(text) > limit:
            raise Refusal("too_long", field=field, limit=limit)


def _check_paces(command: ProposeDeployment) -> None:
    """A plan of paces has one for each hour, and nothing else."""
    if (command.kind == "paces") != bool(command.paces):
        raise Refusal("plan_empty")
    if not command.paces:
        return
    if command.posts or command.wanted:
        raise Refusal("unknown_code", noun="plan_kind", code=command.kind)
    if len(command.paces) != HOURS:
        raise Refusal("out_of_range", field="paces", low=HOURS, high=HOURS)
    if not all(PACE_MIN <= each <= PACE_MAX for each in command.paces):
        raise Refusal("out_of_range", field="paces", low=PACE_MIN, high=PACE_MAX)


def _check(work: Work, posts: Iterable[Posting], wanted: Iterable[Wanted]) -> None:
    pack, posts, wanted = work.pack, tuple(posts), tuple(wanted)
    if not posts and not wanted:
        raise Refusal("plan_empty")
    if len(posts) > POSTS_MAX or len(wanted) > WANTED_MAX:
        raise Refusal("out_of_range", field="posts", low=1, high=POSTS_MAX)
    seen: set[str] = set()
    for each in posts:
        work.house.locate.point(each.lat, each.lon, WGS84)
        if not each.post.strip() or len(each.post) > TEXT_MAX:
            raise Refusal("too_long", field="post", limit=TEXT_MAX)
        if each.unit and each.unit not in pack.units:
            raise Refusal("not_found", noun="unit", id=each.unit[:40])
        if each.unit in seen:
            raise Refusal("plan_unit_twice", unit=each.unit)
        if each.unit:
            seen.add(each.unit)
    abilities = {ability for row in pack.units.values() for ability in row.abilities}
    for each_wanted in wanted:
        if each_wanted.ability not in abilities:
            raise Refusal("unknown_code", noun="ability", code=each_wanted.ability[:40])
        if not 0 <= each_wanted.crews <= CREWS_MAX:
            raise Refusal("out_of_range", field="crews", low=0, high=CREWS_MAX)
    for code in [*(code for each in posts for code in each.shifts), *(each.shift for each in wanted)]:
        if code not in pack.shifts:
            raise Refusal("unknown_code", noun="shift", code=code[:40])
