"""What does not fit a shape, as a refusal with the field and the reason, in words of both languages."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from huying.base.refusal import Refusal

# msgspec's messages are part of its interface; what is not among them is passed on as it is.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Object missing required field `(?P<field>[^`]+)`"), "missing_field"),
    (re.compile(r"Object contains unknown field `(?P<field>.*)`", re.S), "unknown_field"),
    (re.compile(r"Expected `\w+` of length <= (?P<limit>\d+)"), "too_long"),
    (re.compile(r"Expected `\w+` of length >= (?P<limit>\d+)"), "too_short"),
    (re.compile(r"Expected `\w+` matching regex (?P<expected>.+)", re.S), "wrong_form"),
    (re.compile(r"Expected `\w+` (?P<bound>[<>]=? \S+)"), "out_of_bounds"),
    (re.compile(r"Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`"), "wrong_kind"),
)
_PATH = re.compile(r" - at `(?:key in )?\$\.?(?P<path>[^`]*)`$")


def misfit(message: str, field: str = "") -> Refusal:
    """A message of msgspec → refusal."""
    found = _PATH.search(message)
    if found:
        message, field = message[: found.start()], found["path"] or field
    for pattern, code in _PATTERNS:
        match = pattern.search(message)
        if match:
            groups = match.groupdict()
            inside = groups.pop("field", "")
            path = ".".join(part for part in (field, inside) if part and part != "data")
            return Refusal(code, field=path or "–", **groups)
    return Refusal("bad_value", field=field or "–", reason=message)


def decoded(raw: bytes, kind: type[Any]) -> Any:
    """A body as a struct of `kind`; an empty one is as good as `{}`.

    Raises:
        Refusal: `bad_json`, `bad_characters`, or what is wrong with which field.
    """
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise undecodable(error) from None


def undecodable(error: Exception) -> Refusal:
    """What a decoder raised → refusal."""
    if isinstance(error, msgspec.ValidationError):
        return misfit(str(error))
    if isinstance(error, UnicodeDecodeError) or "utf-8" in str(error).lower():
        return Refusal("bad_characters", field="–")
    return Refusal("bad_json", reason=str(error))
