"""Facts of learnt models: which is in use, and what persons say a call was."""

from __future__ import annotations

from typing import Any

from msgspec import field

from huying.domain.payload import Payload


class ModelSet(Payload, frozen=True):
    """The model with the hash `digest` takes the `role` live, shadow or passed; empty: none does. `was` had
    it before, so that it can be taken back. Each is a stream of its own."""

    role: str
    digest: str
    was: str = ""
    why: str = ""


class CallLabelled(Payload, frozen=True):
    """A person says what a call is, by its words alone. `blind` when the suggestion was not shown: the audit
    sample, by which the model is judged. Each is a stream of its own."""

    call: int
    type: str
    priority: int = 0
    agency: str = ""
    scam: str = ""
    blind: bool = False


class ModelTrained(Payload, frozen=True):
    """A model with the hash `digest` was made from `texts` reports, `journal_texts` of them of the journal,
    and from files whose hashes are `sources`. Each is a stream of its own."""

    digest: str
    texts: int
    journal_texts: int = 0
    sources: tuple[str, ...] = ()


class ModelJudged(Payload, frozen=True):
    """The gate's word on the model `digest` beside the one `against`; `figures` are those of both on each
    test, `faults` in what it is worse. Each is a stream of its own."""

    digest: str
    against: str
    passed: bool
    faults: tuple[str, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)


MODELS: dict[str, type[Payload]] = {
    "model.set": ModelSet,
    "model.trained": ModelTrained,
    "model.judged": ModelJudged,
    "call.labelled": CallLabelled,
}
