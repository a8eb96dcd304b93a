"""Models come into use and go again, and persons say what calls were."""

from __future__ import annotations

import hashlib
from typing import Any

from huying.base.refusal import Refusal
from huying.domain import model_facts as f
from huying.domain.modelling import PASSED, ROLES, JudgeModel, LabelCall, NoteTraining, SetModel, door
from huying.service.work import Work

AUDITED = 3
"""Of a hundred calls so many are asked about without the suggestion: enough for a few a day in a county,
little enough that nobody tires of it."""

TEXT_MAX = 500
SOURCES_MAX = 100
"""Files of a training; a city has one for each language and year."""
FAULTS_KEPT = 40
"""Two figures of five questions on two tests, and danger twice, is less."""


def set_model(work: Work, command: SetModel) -> dict[str, Any]:
    """Give the role to a model. Whoever sends this has read the model's files; here it is only a name."""
    if command.role not in ROLES:
        raise Refusal("unknown_code", noun="model_role", code=command.role)
    if len(command.why) > TEXT_MAX:
        raise Refusal("too_long", field="why", limit=TEXT_MAX)
    was = model_in(work.store, command.role)
    if command.now is not None and command.now != was:
        raise Refusal("model_moved", digest=was or "–")
    if was == command.digest:
        raise Refusal("model_already", digest=was or "–")
    work.begin(f.ModelSet(role=command.role, digest=command.digest, was=was, why=command.why))
    return {"role": command.role, "digest": command.digest, "was": was}


def note_training(work: Work, command: NoteTraining) -> dict[str, Any]:
    """Keep on record that a model was made."""
    if len(command.sources) > SOURCES_MAX:
        raise Refusal("out_of_range", field="sources", low=0, high=SOURCES_MAX)
    work.begin(
        f.ModelTrained(
            digest=command.digest,
            texts=command.texts,
            journal_texts=command.journal_texts,
            sources=command.sources,
        )
    )
    return {"digest": command.digest}


def judge_model(work: Work, command: JudgeModel) -> dict[str, Any]:
    """Keep the gate's word; what passed may go live from now on, what doesn't pass no longer may."""
    work.begin(
        f.ModelJudged(
            digest=command.digest,
            against=command.against,
            passed=command.passed,
            faults=command.faults[:FAULTS_KEPT],
            figures=command.figures,
        )
    )
    was = model_in(work.store, PASSED)
    if (was == command.digest) != command.passed:
        now = command.digest if command.passed else ""
        why = f"against {command.against}"
        work.begin(f.ModelSet(role=PASSED, digest=now, was=was, why=why))
    return {"digest": command.digest, "passed": command.passed}


def label_call(work: Work, command: LabelCall) -> dict[str, Any]:
    """Keep what a person says of the call; nothing else changes by it."""
    call = work.call(command.call)
    types, agencies = work.pack.types, work.pack.agencies
    if command.type not in types:
        raise Refusal("unknown_code", noun="incident_type", code=command.type)
    if command.agency and command.agency not in agencies:
        raise Refusal("unknown_code", noun="agency", code=command.agency)
    if not 0 <= command.priority <= 5:
        raise Refusal("out_of_range", field="priority", low=1, high=5)
    if len(command.scam) > TEXT_MAX:
        raise Refusal("too_long", field="scam", limit=TEXT_MAX)
    fact = work.begin(
        f.CallLabelled(
            call=call.id,
            type=command.type,
            priority=command.priority or types[command.type].priority,
            agency=command.agency,
            scam=command.scam,
            blind=command.blind,
        )
    )
    return {"call_id": call.id, "label": fact.seq}


def last_set(store: Any, role: str) -> f.ModelSet | None:
    """The fact that last gave the role, as far as it is committed."""
    stream = store.load_door(door(role))
    found = store.load_streams([stream]) if stream else []
    return found[0].body if found and isinstance(found[0].body, f.ModelSet) else None


def model_in(store: Any, role: str) -> str:
    """The hash of the model that has the role; empty for none."""
    last = last_set(store, role)
    return last.digest if last else ""


def audited(call: int) -> bool:
    """Whether a call belongs to the audit sample: by its number alone, so that nobody chooses."""
    mixed = hashlib.sha256(b"audit:%d" % call).digest()
    return int.from_bytes(mixed[:4], "big") % 100 < AUDITED
