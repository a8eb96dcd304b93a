"""Plans worked out while the house goes on: one at a time, by `huying plan` in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
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

SAID_MAX = 4_000
"""Bytes that are kept of what it said last beside its answer: the end of a traceback, for the log."""

LINE_MAX = 200
"""Characters of the line of it that is told to who asked."""

NICER = 10
"""Whoever is waiting for help goes before a plan for next week."""

log = logging.getLogger("huying.planner")
_MISSING = re.compile(r"(?:ModuleNotFoundError: )?No module named '?([\w.]+)")

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
        child = None
        try:
            child = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "huying", *command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, "HUYING_LANG": lang},
            )
            with contextlib.suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, child.pid, NICER)
            answer, said = await asyncio.wait_for(_heard(child, sent), LONGEST_S)
            self._told(work, answer, said, child.returncode or 0)
        except TimeoutError:
            work.refusal = {"code": "plan_too_long"}
        except OSError as reason:  # no process can be started
            log.error("a plan could not be begun: %s", reason)
            work.refusal = {"code": "plan_failed", "said": _line(str(reason))}
        finally:
            if child is not None and child.returncode is None:
                child.kill()
                await child.wait()
            work.status = "done" if work.made else "refused"

    def _told(self, work: Work, answer: bytes, said: bytes, code: int) -> None:
        try:
            got = msgspec.json.decode(answer.rpartition(b"\n")[0].rpartition(b"\n")[2] or b"{}")
        except msgspec.DecodeError:
            got = {}
        if "refusal" in got:
            work.refusal = {key: str(got["refusal"].get(key, "")) for key in ("code", "sentence", "todo")}
        elif got:
            work.made = got
        else:
            words = said.decode("utf-8", "replace")
            log.error("a plan ended with %d and no answer; it said last:\n%s", code, words.strip() or "–")
            work.refusal = why_failed(code, words)


def why_failed(code: int, said: str) -> dict[str, str]:
    """Why there is no answer, for a person: ended by the machine, a part that is not installed, or the last
    line that was said.

    Args:
        code: with which the process ended; below zero by a signal.
    """
    last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
    if code < 0 or last.startswith("MemoryError"):
        return {"code": "plan_killed"}
    missing = _MISSING.search(last)
    if missing:
        return {"code": "plan_part_missing", "part": missing[1]}
    return {"code": "plan_failed", "said": _line(last)}


async def _heard(child: asyncio.subprocess.Process, sent: bytes) -> tuple[bytes, bytes]:
    """Hand over what is asked; the end of the answer and of what was said beside it, once it has ended."""
    assert child.stdin is not None and child.stdout is not None and child.stderr is not None
    both = asyncio.gather(_tail(child.stdout, ANSWER_MAX), _tail(child.stderr, SAID_MAX))
    with contextlib.suppress(OSError):  # it did not wait for it
        child.stdin.write(sent)
        await child.stdin.drain()
    child.stdin.close()
    answer, said = await both
    await child.wait()
    return answer, said


async def _tail(stream: asyncio.StreamReader, most: int) -> bytes:
    """The last bytes of a stream: whoever talks without end fills no memory."""
    kept = b""
    while chunk := await stream.read(65_536):
        kept = (kept + chunk)[-most:]
    return kept


def _line(said: str) -> str:
    shown = "".join(each if each.isprintable() else " " for each in said).strip()
    return shown[:LINE_MAX] or "–"
