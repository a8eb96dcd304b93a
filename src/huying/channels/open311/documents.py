"""Rows as the standard writes them: XML or JSON, by the suffix of the address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import msgspec

FORMATS = {"json": "application/json; charset=utf-8", "xml": "text/xml"}

# Lists inside rows, and what the standard calls one of their items.
_ITEMS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}
# Characters that XML 1.0 can't hold, even escaped.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]")

Row = Mapping[str, Any]


def write(kind: str, root: str, item: str, rows: Sequence[Row] | Row) -> bytes:
    """A document of `kind` (xml or json). Rows are a list in JSON, items under `root` in XML; a single
    mapping stands for itself."""
    if kind == "json":
        return msgspec.json.encode(rows)
    if isinstance(rows, Mapping):
        inside = _fields(rows)
    else:
        inside = "".join(f"<{item}>{_fields(row)}</{item}>" for row in rows)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root}>{inside}</{root}>\n'.encode()


def write_errors(kind: str, code: int, description: str) -> bytes:
    return write(kind, "errors", "error", [{"code": code, "description": description}])


def _fields(row: Row) -> str:
    return "".join(_field(name, value) for name, value in row.items())


def _field(name: str, value: Any) -> str:
    if value is None or value == "":
        return f"<{name}/>"
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    if isinstance(value, Mapping):
        return f"<{name}>{_fields(value)}</{name}>"
    if isinstance(value, list | tuple):
        item = _ITEMS[name]
        return f"<{name}>{''.join(_field(item, each) for each in value)}</{name}>"
    return f"<{name}>{escape(_NOT_XML.sub('�', str(value)))}</{name}>"
