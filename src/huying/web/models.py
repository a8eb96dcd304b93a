"""Learnt models over HTTP: what is in use, how it does, and the round retrain, gate, shadow, live, roll
back."""

from __future__ import annotations

import re
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter
from msgspec import Meta, Struct

from huying.base.refusal import Refusal
from huying.domain.modelling import WORDS_ONLY
from huying.edge.desk import Desk
from huying.edge.instants import iso
from huying.edge.models import Job, Kind, Models, Standing
from huying.service.drift import Doing
from huying.service.modelling import TEXT_MAX
from huying.web.answers import answer, asker_of, lang_of
from huying.web.misfits import decoded
from huying.web.params import Here
from huying.web.shapes import Instant, outer, show
from huying.web.sign_in import Nothing
from huying.web.steps import Told
from huying.words.explain import explain

Digest = Annotated[str, PathParameter(pattern=f"^([0-9a-f]{{16}}|{WORDS_ONLY})$")]
_Why = Annotated[str, Meta(max_length=TEXT_MAX)]
_Now = Annotated[str, Meta(max_length=40)]
_MEASURES = ("accuracy", "macro_f1", "ece", "seen", "seen_10", "seen_20")
_APART = re.compile(r" [^ ]+ [<>] ")


class FiguresShown(Struct, frozen=True):
    """What a model reached on reports held out from its training, for one question."""

    accuracy: float
    macro_f1: float
    ece: float
    accuracy_at_95: float
    accuracy_at_90: float


class FileShown(Struct, frozen=True):
    file: str
    sha256: str


class CardShown(Struct, frozen=True):
    """A model's data card: what it was learnt from, and what it reached on the test part of that."""

    texts: int
    happenings: int
    journal_texts: int
    files: list[FileShown]
    pack: str
    edition: str
    features: int
    classes: dict[str, int]
    on_test_part: dict[str, FiguresShown]


class ComparedShown(Struct, frozen=True):
    """One figure of the gate: on the `frozen` or the `recent` reports, for one question (or `danger`: calls
    with a life in danger that are found where 10 or 20 % of the others are raised), of the model and of the
    live one; null where none was. `low` to `high` is what chance makes of the difference (95 %)."""

    test: str
    reports: int
    head: str
    measure: str
    candidate: float
    live: float | None
    worse: bool
    low: float | None
    high: float | None


class JudgedShown(Struct, frozen=True):
    at: Instant
    against: str
    passed: bool
    compared: list[ComparedShown]


class ModelShown(Struct, frozen=True):
    """`roles`: live, shadow, passed. `refused` is the code of why its files can't be read, empty when they
    can."""

    digest: str
    shipped: bool
    roles: list[str]
    refused: str
    card: CardShown | None
    judged: JudgedShown | None


class InRole(Struct, frozen=True):
    """The model in a role (empty: none; `words`: the pack's words alone), which was before it, since when."""

    digest: str
    was: str
    why: str
    since: Instant | None


class ModelsShown(Struct, frozen=True):
    """`before` is what a roll back leads to, empty when nothing is; `reports` counts files of labelled
    reports to learn from; of a hundred calls `audited_percent` are asked about without the suggestion."""

    live: InRole
    shadow: InRole
    before: str
    models: list[ModelShown]
    reports: int
    audited_percent: int


class ModelJobShown(Struct, frozen=True):
    """A job: `none` before the first, else running, done, refused, failed or stopped. In `step` so many facts
    or texts are `done`; `made` is the model that a training made, `passed` what a gate said; `says` and
    `todo` tell in words why it was refused."""

    kind: str
    digest: str
    state: str
    step: str
    done: int
    began_at: Instant | None
    ended_at: Instant | None
    made: str
    passed: bool | None
    says: str
    todo: str


class DoingShown(Struct, frozen=True):
    """How models do, as it was found at `looked_at`; null before somebody looked."""

    looked_at: Instant | None
    doing: outer(Doing) | None  # type: ignore[valid-type]


class ChangeBody(Struct, frozen=True, forbid_unknown_fields=True):
    """`now` is the live model that the sender saw: when another is live by then, nothing is changed."""

    now: _Now
    why: _Why = ""


class TrialBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The model to put beside the live one; empty ends the trial."""

    digest: Annotated[str, Meta(pattern="^([0-9a-f]{16})?$")] = ""
    why: _Why = ""


def _models(request: Request[Any, Any, Any], desk: Desk) -> Models:
    return Models(desk.view(asker_of(request.scope, desk)), desk.workshop)


# ── what there is ───────────────────────────────────────────────────────────────────────────────────────
@get(
    "/api/models",
    summary="Learnt models: which speak, their data cards, the gate",
    opt={"gives": ModelsShown},
)
async def models(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    return answer(_shown(await desk.ask(_models(request, desk).standing)))


@get("/api/models/doing", summary="How models do: drift, acceptance, audit", opt={"gives": DoingShown})
async def doing(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """By week, model and type, from the last look at the journal; never by who worked with it."""
    job = await desk.ask(_models(request, desk).doing)
    if job is None:
        return answer(DoingShown(None, None))
    return answer(DoingShown(iso(job.ended_at), show(job.answer)))


@get("/api/models/job", summary="How the work on models stands", opt={"gives": ModelJobShown})
async def job(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    found = await desk.ask(_models(request, desk).job)
    return answer(_job(found, lang_of(request.scope, desk)))


# ── jobs ────────────────────────────────────────────────────────────────────────────────────────────────
@post("/api/models/train", status_code=200, summary="Retrain", opt={"takes": Nothing, "gives": ModelJobShown})
async def train(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """A job: from the city's labelled reports and from what persons changed or labelled, but for the last 30
    days, by which the gate judges. One job at a time."""
    return await _begin(request, desk, "train")


@post(
    "/api/models/watch",
    status_code=200,
    summary="Look how models do",
    opt={"takes": Nothing, "gives": ModelJobShown},
)
async def watch(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """A job: reads the whole journal. One job at a time."""
    return await _begin(request, desk, "watch")


@post(
    "/api/models/{digest:str}/gate",
    status_code=200,
    summary="Judge a model",
    opt={"takes": Nothing, "gives": ModelJobShown},
)
async def gate(request: Request[Any, Any, Any], desk: Here, digest: Digest) -> Response[bytes]:
    """A job: beside the live model, on reports set aside for ever and on the last 30 days. The gate's word
    is a fact; what passed last may go live."""
    return await _begin(request, desk, "gate", digest)


@post(
    "/api/models/job/stop",
    status_code=200,
    summary="End the job that runs",
    opt={"takes": Nothing, "gives": ModelJobShown},
)
async def stop(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    mine = _models(request, desk)
    mine.stop()
    return answer(_job(mine.job(), lang_of(request.scope, desk)))


async def _begin(
    request: Request[Any, Any, Any], desk: Desk, kind: Kind, digest: str = ""
) -> Response[bytes]:
    mine = _models(request, desk)
    if digest:
        await desk.ask(mine.must_be_there, digest)
    begun = mine.start(kind, digest)
    return answer(_job(begun, lang_of(request.scope, desk)))


# ── what is in use ──────────────────────────────────────────────────────────────────────────────────────
@post(
    "/api/models/{digest:str}/live",
    status_code=200,
    summary="Have a model speak",
    opt={"takes": ChangeBody, "gives": Told},
)
async def live(request: Request[Any, Any, Any], desk: Here, digest: Digest) -> Response[bytes]:
    """Refused without a passed gate. `words` takes every model from its work."""
    body = decoded(await request.body(), ChangeBody)
    mine = _models(request, desk)
    command = await desk.ask(mine.going_live, digest, body.why, body.now)
    return answer(await desk.do(asker_of(request.scope, desk), command))


@post(
    "/api/models/shadow",
    status_code=200,
    summary="Try a model beside the live one, or none",
    opt={"takes": TrialBody, "gives": Told},
)
async def shadow(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """It is noted with each incident what it would have said; it changes nothing."""
    body = decoded(await request.body(), TrialBody)
    mine = _models(request, desk)
    command = await desk.ask(mine.on_trial, body.digest, body.why)
    return answer(await desk.do(asker_of(request.scope, desk), command))


@post(
    "/api/models/rollback",
    status_code=200,
    summary="Back to the model before",
    opt={"takes": ChangeBody, "gives": Told},
)
async def rollback(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    body = decoded(await request.body(), ChangeBody)
    mine = _models(request, desk)
    command = await desk.ask(mine.going_back, body.why, body.now)
    return answer(await desk.do(asker_of(request.scope, desk), command))


# ── shapes ──────────────────────────────────────────────────────────────────────────────────────────────
def _shown(found: Standing) -> ModelsShown:
    roles = {"live": found.live.get("digest"), "shadow": found.shadow.get("digest"), "passed": found.passed}
    return ModelsShown(
        live=_role(found.live),
        shadow=_role(found.shadow),
        before=found.before,
        models=[
            _model(each, [role for role, has in roles.items() if has == each["digest"]])
            for each in found.models
        ],
        reports=found.reports,
        audited_percent=found.audited_percent,
    )


def _role(said: dict[str, Any]) -> InRole:
    return InRole(
        said.get("digest", ""),
        said.get("was", ""),
        said.get("why", ""),
        iso(said["at"]) if said["at"] else None,
    )


def _model(each: dict[str, Any], roles: list[str]) -> ModelShown:
    card = each["card"]
    refused = str(card.get("refused", ""))
    return ModelShown(
        digest=each["digest"],
        shipped=each["shipped"],
        roles=roles,
        refused=refused,
        card=None if refused else _card(card),
        judged=_judged(each["judged"]) if each["judged"] else None,
    )


def _card(card: dict[str, Any]) -> CardShown:
    """Of older models some of it may be missing."""
    pack = card.get("pack", {})
    return CardShown(
        texts=card.get("texts", 0),
        happenings=card.get("happenings", 0),
        journal_texts=card.get("journal_texts", 0),
        files=[FileShown(each["file"], each["sha256"]) for each in card.get("made_from", [])],
        pack=str(pack.get("name", "")),
        edition=str(pack.get("edition", "")),
        features=card.get("features", 0),
        classes=card.get("classes", {}),
        on_test_part={
            head: msgspec.convert(each, FiguresShown) for head, each in card.get("on_test_part", {}).items()
        },
    )


def _judged(said: dict[str, Any]) -> JudgedShown:
    compared = []
    worse = {_APART.split(each, maxsplit=1)[0] for each in said.get("faults", ())}
    for test, figures in said.get("figures", {}).items():
        for head, ours in figures["candidate"].items():
            theirs = (figures["live"] or {}).get(head, {})
            for measure in _MEASURES:
                if measure in ours:
                    low, high = figures.get("differences", {}).get(f"{head} {measure}", (None, None))
                    one = ComparedShown(
                        test=test,
                        reports=ours.get("reports", figures["reports"]),
                        head=head,
                        measure=measure,
                        candidate=ours[measure],
                        live=theirs.get(measure),
                        worse=f"{test}: {head} {measure}" in worse,
                        low=low,
                        high=high,
                    )
                    compared.append(one)
    return JudgedShown(iso(said["at"]), said["against"], said["passed"], compared)


def _job(job: Job | None, lang: str) -> ModelJobShown:
    if job is None:
        return ModelJobShown("", "", "none", "", 0, None, None, "", None, "", "")
    told = job.answer if isinstance(job.answer, dict) else {}
    why = job.why if isinstance(job.why, dict) else {"why": job.why}
    said = explain(Refusal(job.refusal, **why), lang) if job.refusal else None
    return ModelJobShown(
        kind=job.kind,
        digest=job.digest,
        state=job.state,
        step=job.step,
        done=job.done,
        began_at=iso(job.began_at),
        ended_at=iso(job.ended_at) if job.ended_at else None,
        made=str(told.get("digest", "")),
        passed=told.get("passed"),
        says=said.sentence if said else "",
        todo=said.todo if said else "",
    )


ROUTES: tuple[HTTPRouteHandler, ...] = (models, doing, job, train, watch, gate, stop, live, shadow, rollback)
