"""A fact's payload without what leads to a person, as exports and readers without a purpose get it."""

from __future__ import annotations

from typing import Any

import msgspec

from huying.privacy.masking import mask

# A caller's code is ten digits: who has its hash and an afternoon has the code.
LEFT_OUT = frozenset({"code_hash"})
# Hashes and codes of the pack, in which digits mean nothing.
AS_THEY_ARE = frozenset(
    {"digest", "sha256", "seal", "type", "was", "rule", "agency", "unit", "ladder", "key", "channel", "lang"}
)

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def mask_payload(payload: bytes) -> bytes:
    """JSON of a payload → JSON in which every text is masked."""
    value = _decode(payload)
    masked = mask_value(value)
    return payload if masked == value else _encode(masked)


def mask_value(value: Any) -> Any:
    """Every text in a JSON value masked, however deep; keys of objects too, which may be anybody's words."""
    if isinstance(value, str):
        return mask(value).text
    if isinstance(value, list):
        return [mask_value(each) for each in value]
    if isinstance(value, dict):
        return {
            mask(name).text: each if name in AS_THEY_ARE else mask_value(each)
            for name, each in value.items()
            if name not in LEFT_OUT
        }
    return value
