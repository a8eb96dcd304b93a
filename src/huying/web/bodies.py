"""What may be sent for a command: its own fields within bounds, made from the command itself.

Fields that the address names already are left out; instants are ISO 8601. A field added to a command can be
sent at once, and the bound of its kind holds for it.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from huying.base.refusal import Refusal
from huying.domain.commands import Command
from huying.domain.contact import Contact
from huying.edge.instants import from_iso
from huying.web.misfits import undecodable
from huying.web.shapes import is_instant

# The longest words, answers and reasons; the intake itself allows no more for a call.
LONG_MAX = 20_000
# Codes, names, addresses and links.
SHORT_MAX = 500
# Units in one dispatch, answers to one type's questions.
LIST_MAX = 50
# Rows of a plan: as many as a city has units.
ROWS_MAX = 500
# Ids and versions are counted in 64-bit integers; JSON keeps integers exactly up to here.
ID_MAX = 2**53

_LONG = frozenset({"words", "answer", "why"})
_Id = Annotated[int, Meta(ge=0, le=ID_MAX)]
_Level = Annotated[int, Meta(ge=0, le=5)]
_Short = Annotated[str, Meta(max_length=SHORT_MAX)]
_Long = Annotated[str, Meta(max_length=LONG_MAX)]
_InstantIn = Annotated[
    str,
    Meta(
        max_length=40,
        description="ISO 8601 with a zone",
        examples=["2026-03-02T10:00:00+08:00"],
        extra_json_schema={"format": "date-time"},
    ),
]
_BOUNDED: dict[str, Any] = {
    "channel": Annotated[str, Meta(pattern=r"^[a-z0-9_.-]{1,40}$")],
    "lat": Annotated[float, Meta(ge=-90, le=90)],
    "lon": Annotated[float, Meta(ge=-180, le=180)],
    "error_m": Annotated[float, Meta(ge=0, le=1_000_000)],
    "reach_m": Annotated[float, Meta(ge=1, le=20_000)],
    "slow": Annotated[float, Meta(ge=0, le=20)],
    "priority": _Level,
    "stated_priority": _Level,
    "rating": _Level,
}


def _bounded(name: str, kind: Any) -> Any:
    if kind is int:
        return _InstantIn if is_instant(name, kind) else _BOUNDED.get(name, _Id)
    if kind is float:
        return _BOUNDED[name]
    if kind is str:
        return _BOUNDED.get(name) or (_Long if name in _LONG else _Short)
    if kind is Contact:
        return body_of(Contact)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _bounded(name, next(part for part in parts if part is not type(None))) | None
    if origin is tuple and isinstance(parts[0], type) and issubclass(parts[0], Struct):
        return Annotated[kind, Meta(max_length=ROWS_MAX)]
    if origin is tuple and get_origin(parts[0]) is tuple:  # corners
        return Annotated[kind, Meta(max_length=ROWS_MAX)]
    if origin is tuple and parts[0] is float:
        return Annotated[tuple[float, ...], Meta(max_length=ROWS_MAX)]
    if origin is tuple:
        return Annotated[tuple[_Short, ...], Meta(max_length=LIST_MAX)]
    if origin is dict:
        if parts[1] is float:
            return Annotated[dict[_Short, float], Meta(max_length=LIST_MAX)]
        return Annotated[dict[_Short, _Short], Meta(max_length=LIST_MAX)]
    return kind


@cache
def body_of(
    inner: type[Struct], without: frozenset[str] = frozenset(), optional: frozenset[str] = frozenset()
) -> type[Struct]:
    """The struct class that a body for `inner` is read into; fields `without` come from the address, and
    `optional` ones from the handler when they aren't sent."""
    fields: list[Any] = []
    for each in msgspec.structs.fields(inner):
        if each.name in without:
            continue
        kind = _bounded(each.name, each.type)
        if each.required and each.name not in optional:
            fields.append((each.name, kind))
        else:
            fields.append((each.name, kind | UnsetType, UNSET))
    return msgspec.defstruct(
        f"{inner.__name__}{'Own' if 'version' in without else ''}Body",
        fields,
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
        module=__name__,
        namespace={"__doc__": inner.__doc__},
    )


@cache
def reader_of(
    inner: type[Command], without: frozenset[str] = frozenset(), optional: frozenset[str] = frozenset()
) -> Callable[[bytes, dict[str, Any]], Command]:
    """A function from a body, and the fields of the address or their defaults, to the command.

    It raises a refusal for whatever does not fit; an empty body stands for one without fields.
    """
    body = body_of(inner, without, optional)
    decode = msgspec.json.Decoder(body).decode
    names = tuple(body.__struct_fields__)
    instants = frozenset(
        each.name for each in msgspec.structs.fields(inner) if is_instant(each.name, each.type)
    )

    def read(raw: bytes, address: dict[str, Any]) -> Command:
        try:
            sent = decode(raw or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise undecodable(error) from None
        values = {name: value for name in names if (value := getattr(sent, name)) is not UNSET}
        for name in instants & values.keys():
            values[name] = from_iso(values[name], name)
        if isinstance(values.get("contact"), Struct):
            values["contact"] = _contact(values["contact"])
        if b"\\u0000" in raw:
            values = {name: without_nulls(value) for name, value in values.items()}
        try:
            return inner(**(address | values))
        except TypeError as error:
            raise Refusal("unreadable", reason=str(error)) from None

    return read


def _contact(sent: Struct) -> Contact:
    return Contact(
        **{name: value for name, value in msgspec.structs.asdict(sent).items() if value is not UNSET}
    )


def without_nulls(value: Any) -> Any:
    """NUL can't be said, typed or stored as text; where a machine sent one, U+FFFD marks the spot."""
    if isinstance(value, str):
        return value.replace("\0", "�")
    if isinstance(value, dict):
        return {without_nulls(name): without_nulls(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(without_nulls(each) for each in value)
    if isinstance(value, Struct):
        named = msgspec.structs.asdict(value).items()
        return type(value)(**{name: without_nulls(each) for name, each in named})
    return value
