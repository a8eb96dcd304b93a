"""Plans worked out while the house goes on: one at a time, by `huying plan` in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from huying.base.refusal import Refusal

LONGEST_S = 300
"""A county's posts take ten seconds of a core; what takes longer than this is ended, and said so."""

SEEDS = 20
"""Runs with weeks of their own for each interval; as `huying plan` has it."""

ANSWER_MAX = 4_000_000
"""Bytes of one answer: 500 posts with their reasons are a tenth of it."""

NICER = 10
"""Whoever is waiting for help goes before a plan for next week."""

MEMORY = ":memory:"
KINDS = {
    "posts": ("plan", "posts"),
    "patrol_base": ("plan", "patrol-base"),
    "shifts": ("plan", "shifts"),
    "paces": ("roads", "learn-speeds"),
}
SOURCES = ("calls", "rhythm")


_Few = Annotated[int, Meta(ge=0, le=500)]
_Code = Annotated[str, Meta(max_length=60, pattern=r"^[a-z0-9_.-]*$")]


class OwnPost(Struct, frozen=True, forbid_unknown_fields=True):
    """One crew waits here; `post` is a code of the pack, or words."""

    post: Annotated[str, Meta(min_length=1, max_length=120)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]


class PlanAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be worked out: posts, shifts, patrol_base, or paces; by what the closed incidents of this
    house asked for (`calls`), or by what its pack believes (`rhythm`). `own` or `own_crews` (by shift) are
    tried out beside today's, instead of looking for the best. Empty or 0: as `huying plan` has it."""

    kind: _Code
    source: _Code = "calls"
    ability: _Code = ""
    unit_kind: _Code = "car"
    within_s: Annotated[int, Meta(ge=0, le=7_200)] = 0
    crews: _Few = 0
    bases: _Few = 0
    wait: Annotated[float, Meta(ge=0.001, le=0.9)] = 0.1
    reserve: _Few = 0
    own: Annotated[tuple[OwnPost, ...], Meta(max_length=500)] = ()
    own_crews: Annotated[dict[_Code, _Few], Meta(max_length=100)] = field(default_factory=dict)


class Work(Struct, omit_defaults=False):
    """`status`: none, running, done or refused. `made` is the answer of `huying plan --json`."""

    id: int = 0
    status: str = "none"
    by: str = ""
    since_at: int = 0
    asked: PlanAsked | None = None
    made: dict[str, Any] = field(default_factory=dict)
    refusal: dict[str, str] = field(default_factory=dict)


class Planner:
    """The last plan that was asked for.

    Args:
        store, pack: the addresses by which the house was opened.
    """

    def __init__(self, store: str, pack: str) -> None:
        self._store, self._pack = store, pack
        self.work = Work()
        self._task: asyncio.Task[None] | None = None

    def begin(self, asked: PlanAsked, by: str, at: int, lang: str) -> Work:
        """Begin; refuses `planner_busy` while something else is worked out, and what can't be asked."""
        command = self._command(asked)
        if self.work.status == "running":
            raise Refusal("planner_busy", by=self.work.by)
        self.work = Work(self.work.id + 1, "running", by, at, asked)
        self._task = asyncio.get_running_loop().create_task(self._run(self.work, command, lang))
        return self.work

    async def stop(self) -> None:
        """End what is being worked out."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _command(self, asked: PlanAsked) -> list[str]:
        if asked.kind not in KINDS:
            raise Refusal("unknown_code", noun="plan_kind", code=asked.kind[:40])
        if asked.source not in SOURCES:
            raise Refusal("unknown_code", noun="plan_source", code=asked.source[:40])
        if self._store == MEMORY and (asked.kind == "paces" or asked.source == "calls"):
            raise Refusal("plan_in_memory")
        words = [*KINDS[asked.kind], f"--pack={self._pack}", "--json"]
        if asked.kind == "paces":
            return [*words, f"--store={self._store}"]
        if asked.source == "calls":
            words.append(f"--from={self._store}")
        words += [f"--ability={asked.ability}", f"--kind={asked.unit_kind}", f"--seeds={SEEDS}"]
        if asked.kind == "shifts":
            words += [f"--wait={asked.wait}", f"--reserve={asked.reserve}"]
        else:
            words += [f"--within={asked.within_s}", f"--crews={asked.crews}"]
        if asked.kind == "patrol_base":
            words.append(f"--bases={asked.bases}")
        elif asked.own or asked.own_crews:
            words.append("--try=-")
        return words

    async def _run(self, work: Work, command: Sequence[str], lang: str) -> None:
        sent = msgspec.json.encode((work.asked.own or work.asked.own_crews) if work.asked else ())
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "huying", *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "HUYING_LANG": lang},
            limit=ANSWER_MAX,
        )
        try:
            with contextlib.suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, child.pid, NICER)
            said, _ = await asyncio.wait_for(child.communicate(sent), LONGEST_S)
            self._told(work, said)
        except TimeoutError:
            work.refusal = {"code": "plan_too_long"}
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
            work.status = "done" if work.made else "refused"

    def _told(self, work: Work, said: bytes) -> None:
        try:
            answer = msgspec.json.decode(said[:ANSWER_MAX].rpartition(b"\n")[0].rpartition(b"\n")[2] or b"{}")
        except msgspec.DecodeError:
            answer = {}
        if "refusal" in answer:
            work.refusal = {key: str(answer["refusal"].get(key, "")) for key in ("code", "sentence", "todo")}
        elif answer:
            work.made = answer
        else:
            work.refusal = {"code": "plan_failed"}
