"""Facts of learnt models: which is in use, and what persons say a call was."""

from __future__ import annotations

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


MODELS: dict[str, type[Payload]] = {"model.set": ModelSet, "call.labelled": CallLabelled}
