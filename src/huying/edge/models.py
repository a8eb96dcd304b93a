"""Learnt models as the ways in see them: which there are, what they did, and the round from training to live.

Everything goes through the table of rules (`View`); what takes long is a job beside the server.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.commands import Command
from huying.domain.modelling import LIVE, SHADOW, SetModel
from huying.domain.policy import NOTHING, Action, Thing
from huying.edge.view import View
from huying.service.modelling import AUDITED

Kind = Literal["train", "gate", "watch", "distil"]


class Job(Struct, frozen=True):
    """Long work on models: train, gate, watch or distil. `done` facts or texts so far in `step`; when it is
    over, `answer` or the code of a `refusal` with `why`. Instants UTC µs."""

    kind: str
    digest: str
    state: Literal["running", "done", "refused", "failed", "stopped"]
    step: str
    done: int = 0
    began_at: int = 0
    ended_at: int = 0
    refusal: str = ""
    why: Any = ""
    answer: Any = None


class Workshop(Protocol):
    """Where models lie and are made."""

    def known(self) -> list[dict[str, Any]]:
        """Every model with `digest`, `shipped` and its data card `card`."""
        ...

    def said(self, role: str) -> dict[str, Any]:
        """What the journal last said of a role."""
        ...

    def in_role(self, role: str) -> str: ...

    def judged(self, digest: str) -> dict[str, Any]:
        """What the gate last said of a model."""
        ...

    def must_have_passed(self, digest: str) -> None:
        """Refuses `model_not_gated`."""
        ...

    def must_be_there(self, digest: str) -> None:
        """Refuses `model_not_found` and `model_broken`."""
        ...

    def before(self) -> str:
        """Refuses `model_none_before`."""
        ...

    def files(self) -> int:
        """Files of labelled reports to learn from."""
        ...

    def job(self) -> Job | None: ...

    def last(self, kind: str) -> Job | None: ...

    def start(self, kind: Kind, digest: str, actor: str) -> Job:
        """Refuses `model_job_running` and `models_need_store`."""
        ...

    def stop(self) -> None: ...


class Standing(Struct, frozen=True):
    """What there is and what is in use; the rest of it as the workshop tells."""

    live: dict[str, Any]
    shadow: dict[str, Any]
    passed: str
    before: str
    models: list[dict[str, Any]]
    reports: int
    audited_percent: int


class Models:
    """Models for one asker. The methods block; `Desk.ask` runs them in a thread."""

    def __init__(self, view: View, workshop: Workshop | None) -> None:
        self._view = view
        if workshop is None:
            raise Refusal("models_need_store")
        self._shop = workshop

    def _look(self) -> None:
        self._view.grant(Thing.MODEL, Action.READ, NOTHING)

    def _may_change(self) -> None:
        """Before work begins; the command itself is decided on once more, under the lock."""
        self._view.grant(Thing.MODEL, Action.MANAGE, NOTHING)

    def standing(self) -> Standing:
        """Raises `not_allowed`."""
        self._look()
        shop = self._shop
        live = shop.said(LIVE) or {"digest": shop.in_role(LIVE), "was": "", "why": "", "at": 0}
        return Standing(
            live=live,
            shadow=shop.said(SHADOW) or {"digest": "", "was": "", "why": "", "at": 0},
            passed=shop.in_role("passed"),
            before=self._before(),
            models=[each | {"judged": shop.judged(each["digest"])} for each in shop.known()],
            reports=shop.files(),
            audited_percent=AUDITED,
        )

    def _before(self) -> str:
        try:
            return self._shop.before()
        except Refusal:
            return ""

    def job(self) -> Job | None:
        self._look()
        return self._shop.job()

    def doing(self) -> Job | None:
        """The last look at how models do; None before the first."""
        self._look()
        return self._shop.last("watch")

    def start(self, kind: Kind, digest: str = "") -> Job:
        """Begin a job (does not block); looking on changes nothing, so whoever may read may have it done."""
        if kind == "watch":
            self._look()
        else:
            self._may_change()
        return self._shop.start(kind, digest, self._view.asker.actor)

    def must_be_there(self, digest: str) -> None:
        """Refuses `model_not_found` and `model_broken`."""
        self._may_change()
        self._shop.must_be_there(digest)

    def stop(self) -> None:
        """Looking on may be ended by whoever may begin it."""
        job = self._shop.job()
        if job is not None and job.kind == "watch":
            self._look()
        else:
            self._may_change()
        self._shop.stop()

    def going_live(self, digest: str, why: str, now: str) -> Command:
        """The command by which a model goes live; refuses `model_not_gated`."""
        self._may_change()
        self._shop.must_have_passed(digest)
        return SetModel(role=LIVE, digest=digest, why=why, now=self._expected(now))

    def on_trial(self, digest: str, why: str) -> Command:
        """The command that puts a model beside the live one, or ends the trial (empty)."""
        self._may_change()
        if digest:
            self._shop.must_be_there(digest)
        return SetModel(role=SHADOW, digest=digest, why=why)

    def going_back(self, why: str, now: str) -> Command:
        """The command that takes the live model back, if it is still `now`; so pressed twice it goes back
        once."""
        self._may_change()
        return SetModel(role=LIVE, digest=self._shop.before(), why=why or "rollback", now=self._expected(now))

    def _expected(self, now: str) -> str:
        """What the journal says where the page shows `now`: of the shipped model it says nothing."""
        if now == self._shop.in_role(LIVE):
            return str(self._shop.said(LIVE).get("digest", ""))
        return now
