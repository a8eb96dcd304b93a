"""Which log this is and who cosigns it, as an operator sets it."""

from __future__ import annotations

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.record.note import COSIGNED, Signer, Verifier, good_name, read_vkey
from huying.store.keys import Keys

# Each is asked once a minute; C2SP verifiers need not take more than 16 signatures under a note.
WITNESSES_MAX = 15


class Witness(Struct, frozen=True):
    """A witness's key as a vkey, and the address under which `/add-checkpoint` is found."""

    vkey: str
    url: str

    @property
    def verifier(self) -> Verifier:
        return read_vkey(self.vkey)


class RecordSettings(Struct, frozen=True):
    """`origin` is the log's name, empty for one that follows from the store's keys."""

    origin: str = ""
    witnesses: tuple[Witness, ...] = ()


def read_witnesses(text: str) -> tuple[Witness, ...]:
    """`VKEY@URL VKEY@URL …`; refuses `bad_witness`."""
    found: list[Witness] = []
    for each in text.split():
        vkey, at, address = each.partition("@http")
        if not at or not address.startswith(("://", "s://")) or len(found) == WITNESSES_MAX:
            raise Refusal("bad_witness", witness=each[:120])
        if read_vkey(vkey).kind != COSIGNED:
            raise Refusal("bad_witness", witness=each[:120])
        found.append(Witness(vkey, f"http{address}".rstrip("/")))
    if len({each.verifier.name for each in found}) != len(found):
        raise Refusal("bad_witness", witness=text[:120])
    return tuple(found)


def origin_of(settings: RecordSettings, mark: bytes) -> str:
    """The log's name; without one of the operator's it follows from the mark of the store's master key."""
    return good_name(settings.origin) if settings.origin else f"huying.invalid/{mark.hex()}"


def signers_of(origin: str, keys: Keys) -> tuple[Signer, ...]:
    """The record key, and the one before it while it changes hands."""
    return tuple(Signer(origin, seed) for seed in (keys.record, keys.record_before) if seed)
