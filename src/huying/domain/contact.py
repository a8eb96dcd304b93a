"""The least that is needed to call somebody back. Sealed; analytics can't import this file."""

from __future__ import annotations

from msgspec import Struct


class Contact(Struct, frozen=True, omit_defaults=True):
    """How to reach a caller, in the clear: it exists only between the edge and the vault."""

    name: str = ""
    phone: str = ""
    email: str = ""
    lang: str = ""
    account: str = ""
