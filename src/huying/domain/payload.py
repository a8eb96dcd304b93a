"""What every payload of a fact is."""

from __future__ import annotations

from msgspec import Struct


class Payload(Struct, frozen=True, omit_defaults=True, gc=False):
    """What is said by a fact beyond who, when and about what."""
