"""What a server asks of the process that does its long work on models."""

from __future__ import annotations

from msgspec import Struct

from huying.edge.models import Kind


class Order(Struct, frozen=True):
    """What a job is to do, and where: everything the other process needs to know."""

    kind: Kind
    store: str
    pack: str
    setting: str
    digest: str = ""
