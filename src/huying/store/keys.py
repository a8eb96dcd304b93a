"""The master key (contacts), the session key (sign-in) and the record key (signs checkpoints): from the
environment or a file of mode 0600.

`HUYING_KEYS` is a path to a key file, or the keys themselves as `MASTER:SESSION` or `MASTER:SESSION:RECORD`,
each 64 hexadecimal characters; without a record key one is derived from the master key. While the record key
changes hands the file also holds the one before it, and both sign. Without `HUYING_KEYS` the file
`<store>.keys` beside the store is used. A file that isn't there is made; a store knows the mark of its master
key, so a new file by mistake is refused and seals nothing.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from huying.base.clock import Chance
from huying.base.refusal import Refusal

VARIABLE = "HUYING_KEYS"
KEY_BYTES = 32
# Four keys in JSON are 400 bytes; anything much longer is another file named by mistake.
FILE_BYTES_MAX = 4_096

_VALUES = re.compile(r"[0-9a-fA-F]{64}(:[0-9a-fA-F]{64}){1,2}")
_NAMES = ("master", "session", "record", "record_before")


class Keys:
    """The secrets. Never shown: neither `repr` nor any refusal holds them."""

    __slots__ = _NAMES

    def __init__(
        self, master: bytes, session: bytes, record: bytes = b"", record_before: bytes = b""
    ) -> None:
        self.master = master
        self.session = session
        self.record = record or hmac.digest(master, b"huying record key", "sha256")
        self.record_before = record_before

    def __repr__(self) -> str:
        return "Keys(…)"


def new_keys(chance: Chance) -> Keys:
    return Keys(*(chance.bytes(KEY_BYTES) for _ in range(3)))


def find_keys(
    beside: str | None, chance: Chance, environment: Mapping[str, str], *, must: bool = False
) -> Keys:
    """The keys of a store.

    Args:
        beside: the store's file; its keys are in `<beside>.keys`. None for a store without a file, which
            takes the environment's keys or throws new ones that end with the process.
        must: refuse (`keys_missing`) instead, for a store that outlives the process: its processes share
            the keys, so none of them may make its own.

    Refuses with `keys_open` when others may read the file, `keys_unreadable` when it holds no keys.
    """
    given = environment.get(VARIABLE, "").strip()
    if _VALUES.fullmatch(given):
        return Keys(*map(bytes.fromhex, given.split(":")))
    if given:
        return _found(Path(given), chance)
    if must:
        raise Refusal("keys_missing")
    if beside is None:
        return new_keys(chance)
    return _found(Path(beside + ".keys"), chance)


def change_record_key(
    beside: str | None, chance: Chance, environment: Mapping[str, str], *, done: bool
) -> None:
    """Put a fresh record key in the key file; the one until now goes on signing beside it until `done`.

    Refuses with `keys_given` when the keys are given themselves: then they are changed where they are given.
    """
    given = environment.get(VARIABLE, "").strip()
    if _VALUES.fullmatch(given) or not (given or beside):
        raise Refusal("keys_given")
    path = Path(given or f"{beside}.keys")
    old = _read(path)
    new = old.record if done else chance.bytes(KEY_BYTES)
    before = b"" if done else old.record
    fresh = _write(path, Keys(old.master, old.session, new, before))
    os.replace(fresh, path)
    _sync(path.parent)


def _found(path: Path, chance: Chance) -> Keys:
    if not path.exists():
        _make(path, new_keys(chance))
    return _read(path)


def _make(path: Path, keys: Keys) -> None:
    try:
        fresh = _write(path, keys)
        try:
            os.link(fresh, path)  # fails when another process was first: its keys are the keys
        except FileExistsError:
            pass
        finally:
            os.unlink(fresh)
        _sync(path.parent)
    except OSError as error:
        raise Refusal("keys_unreadable", path=str(path)) from error


def _write(path: Path, keys: Keys) -> Path:
    """A new file beside `path` that holds the keys."""
    text = json.dumps({name: getattr(keys, name).hex() for name in _NAMES if getattr(keys, name)}, indent=1)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    return fresh


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Keys:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise Refusal("keys_open", path=str(path), mode=f"{stat.S_IMODE(mode):04o}")
        with path.open("rb") as file:
            found = json.loads(file.read(FILE_BYTES_MAX))
        values = [bytes.fromhex(found[name]) for name in _NAMES[:2]]
        keys = Keys(*values, *(bytes.fromhex(found.get(name, "")) for name in _NAMES[2:]))
    except (OSError, ValueError, KeyError, TypeError):
        # No cause is chained: the file's text must not reach a log.
        raise Refusal("keys_unreadable", path=str(path)) from None
    lengths = {len(getattr(keys, name)) for name in _NAMES[:3]} | {len(keys.record_before) or KEY_BYTES}
    if lengths != {KEY_BYTES}:
        raise Refusal("keys_unreadable", path=str(path))
    return keys
