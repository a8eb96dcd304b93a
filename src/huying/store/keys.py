"""The master key (contacts) and the session key (sign-in): from the environment or a file of mode 0600.

`HUYING_KEYS` is a path to a key file, or the two keys themselves as `MASTER:SESSION`, each 64 hexadecimal
characters. Without it the file `<store>.keys` beside the store is used. A file that isn't there is made; a
store knows the mark of its master key, so a new file by mistake is refused and seals nothing.
"""

from __future__ import annotations

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
# Two keys in JSON are 200 bytes; anything much longer is another file named by mistake.
FILE_BYTES_MAX = 4_096

_VALUES = re.compile(r"[0-9a-fA-F]{64}:[0-9a-fA-F]{64}")


class Keys:
    """The two secrets. Never shown: neither `repr` nor any refusal holds them."""

    __slots__ = ("master", "session")

    def __init__(self, master: bytes, session: bytes) -> None:
        self.master = master
        self.session = session

    def __repr__(self) -> str:
        return "Keys(…)"


def new_keys(chance: Chance) -> Keys:
    return Keys(chance.bytes(KEY_BYTES), chance.bytes(KEY_BYTES))


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
        master, session = given.split(":")
        return Keys(bytes.fromhex(master), bytes.fromhex(session))
    if given:
        return _found(Path(given), chance)
    if must:
        raise Refusal("keys_missing")
    if beside is None:
        return new_keys(chance)
    return _found(Path(beside + ".keys"), chance)


def _found(path: Path, chance: Chance) -> Keys:
    if not path.exists():
        _make(path, new_keys(chance))
    return _read(path)


def _make(path: Path, keys: Keys) -> None:
    text = json.dumps({"master": keys.master.hex(), "session": keys.session.hex()}, indent=1)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, text.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(fresh, path)  # fails when another process was first: its keys are the keys
        except FileExistsError:
            pass
        finally:
            os.unlink(fresh)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Refusal("keys_unreadable", path=str(path)) from error


def _read(path: Path) -> Keys:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) or mode & 0o077:
            raise Refusal("keys_open", path=str(path), mode=f"{stat.S_IMODE(mode):04o}")
        with path.open("rb") as file:
            found = json.loads(file.read(FILE_BYTES_MAX))
        keys = Keys(bytes.fromhex(found["master"]), bytes.fromhex(found["session"]))
    except (OSError, ValueError, KeyError, TypeError):
        # No cause is chained: the file's text must not reach a log.
        raise Refusal("keys_unreadable", path=str(path)) from None
    if len(keys.master) != KEY_BYTES or len(keys.session) != KEY_BYTES:
        raise Refusal("keys_unreadable", path=str(path))
    return keys
