"""A plan of deployment: where units wait, on which shifts they work and how long their ways are believed to
take, as a supervisor has adopted it."""

from __future__ import annotations

from msgspec import Struct, field

from huying.domain.commands import Command
from huying.domain.payload import Payload


class Posting(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`unit` waits at the point when it is free, and works on `shifts` (empty: as before). Without a unit it
    is a post that anybody may wait at. `post` names it; a code of a station or place of the pack, or words.
    """

    post: str
    lat: float
    lon: float
    unit: str = ""
    shifts: tuple[str, ...] = ()


class Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """On `shift` so many crews with `ability` are wanted."""

    shift: str
    ability: str
    crews: int


class Deployment(Struct, omit_defaults=True, kw_only=True):
    """`kind`: posts, shifts, patrol_base or paces. In force from `since_at` (its adoption at the earliest)
    until it is ended. `figures` are what it was proposed by: names and numbers, for whoever decides. `paces`
    are factors of times on the road by hour of the week (168, or none)."""

    id: int
    version: int = 1
    kind: str
    title: str = ""
    why: str = ""
    posts: tuple[Posting, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)
    paces: tuple[float, ...] = ()
    proposed_at: int = 0
    proposed_by: str = ""
    changed_at: int = 0
    changed_by: str = ""
    since_at: int = 0
    adopted_at: int = 0
    adopted_by: str = ""
    ended_at: int = 0
    ended_why: str = ""

    @property
    def status(self) -> str:
        if self.ended_at:
            return "ended" if self.adopted_at else "withdrawn"
        return "adopted" if self.adopted_at else "proposed"

    def holds(self, at: int) -> bool:
        """Whether it is in force at the instant (UTC µs)."""
        return bool(self.adopted_at) and max(self.adopted_at, self.since_at) <= at and not self.ended_at


# ── commands ────────────────────────────────────────────────────────────────────────────────────────────
class ProposeDeployment(Command, frozen=True, kw_only=True):
    """Put a plan on the table; nothing changes before a supervisor adopts it."""

    kind: str
    title: str
    posts: tuple[Posting, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)
    paces: tuple[float, ...] = ()
    why: str = ""


class EditDeployment(Command, frozen=True, kw_only=True):
    """Change a plan that is not in force yet. `version` 0 means whatever it is by now."""

    plan: int
    version: int = 0
    title: str = ""
    posts: tuple[Posting, ...] | None = None
    wanted: tuple[Wanted, ...] | None = None
    why: str = ""


class AdoptDeployment(Command, frozen=True, kw_only=True):
    """From now (or `since_at`) units wait and work by the plan."""

    plan: int
    version: int = 0
    since_at: int = 0
    why: str


class EndDeployment(Command, frozen=True, kw_only=True):
    """The plan is withdrawn, or no longer in force: units wait and work by the pack again."""

    plan: int
    why: str


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────
class DeploymentProposed(Payload, frozen=True):
    kind: str
    title: str
    posts: tuple[Posting, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    figures: dict[str, float] = field(default_factory=dict)
    why: str = ""
    paces: tuple[float, ...] = ()


class DeploymentEdited(Payload, frozen=True):
    title: str
    posts: tuple[Posting, ...]
    wanted: tuple[Wanted, ...]
    why: str = ""


class DeploymentAdopted(Payload, frozen=True):
    why: str
    since_at: int = 0


class DeploymentEnded(Payload, frozen=True):
    why: str


DEPLOYMENTS: dict[str, type[Payload]] = {
    "deployment.proposed": DeploymentProposed,
    "deployment.edited": DeploymentEdited,
    "deployment.adopted": DeploymentAdopted,
    "deployment.ended": DeploymentEnded,
}
