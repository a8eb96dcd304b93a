"""The outer shape of a domain struct: the same fields, always all of them, with instants in ISO 8601.

A field is an instant when it is an integer called `at`, `due`, `next`, or ends in `_at` or `_due`; 0 (not
yet) becomes null. The outer class is made from the inner one, so that a field added there shows here.
"""

from __future__ import annotations

import functools
import operator
import types
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from huying.edge.instants import iso

Instant = Annotated[str, Meta(description="ISO 8601, UTC", extra_json_schema={"format": "date-time"})]
Dump = Callable[[Any], Any]

# What stays inside: a hash of the caller's code would let a guess be tested.
KEPT_INSIDE = frozenset({"code_hash", "was_in"})


def is_instant(name: str, kind: Any) -> bool:
    return kind is int and (name in ("at", "due", "next") or name.endswith(("_at", "_due")))


@cache
def outer(inner: type[Struct]) -> type[Struct]:
    """The struct class that the API shows for `inner`."""
    fields = [(name, kind) for name, kind, _ in _fields(inner)]
    return msgspec.defstruct(
        f"{inner.__name__}Shown", fields, kw_only=True, module=__name__, namespace={"__doc__": inner.__doc__}
    )


@cache
def dump(inner: type[Struct]) -> Dump:
    """The function from an `inner` to a dictionary of JSON values with the fields of `outer(inner)`."""
    plan = tuple((name, how) for name, _, how in _fields(inner))

    def to_dict(each: Any) -> dict[str, Any]:
        return {name: how(getattr(each, name)) if how else getattr(each, name) for name, how in plan}

    return to_dict


def show(each: Struct) -> dict[str, Any]:
    """One domain struct as JSON values."""
    shown: dict[str, Any] = dump(type(each))(each)
    return shown


def _fields(inner: type[Struct]) -> list[tuple[str, Any, Dump | None]]:
    fields: list[tuple[str, Any, Dump | None]] = []
    for each in msgspec.structs.fields(inner):
        if each.name in KEPT_INSIDE:
            continue
        if is_instant(each.name, each.type):
            fields.append((each.name, Instant | None, _iso_or_none))
        else:
            fields.append((each.name, *_outer_type(each.type)))
    return fields


def _iso_or_none(at: int) -> str | None:
    return iso(at) if at else None


def _outer_type(kind: Any) -> tuple[Any, Dump | None]:
    """The outer type for an inner one, and how a value gets there (None: as it is)."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return outer(kind), dump(kind)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _optional(parts)
    if origin in (list, frozenset, tuple):
        if origin is tuple and parts[-1] is not Ellipsis:
            return kind, list
        item, how = _outer_type(parts[0])
        return types.GenericAlias(list, (item,)), _each(how)
    if origin is Literal:
        return kind, None
    return kind, None


def _optional(parts: tuple[Any, ...]) -> tuple[Any, Dump | None]:
    some = [part for part in parts if part is not type(None)]
    if len(some) != 1:
        return functools.reduce(operator.or_, parts), None
    item, how = _outer_type(some[0])
    if how is None:
        return item | None, None
    return item | None, lambda each: None if each is None else how(each)


def _each(how: Dump | None) -> Dump:
    if how is None:
        return list
    return lambda values: [how(value) for value in values]
