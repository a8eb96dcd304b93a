"""How payloads of an older shape become today's: step by step, on the JSON object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Upcaster = tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]

UPCASTERS: dict[str, Upcaster] = {}
"""Old type → (next type, function from the old JSON object to the new one). Empty while no shape is old."""

# A table that leads in a circle is a bug; no payload will ever be this many editions old.
STEPS_MAX = 100


def upcast(type: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Today's type and JSON object for a payload of any edition."""
    for _ in range(STEPS_MAX):
        if type not in UPCASTERS:
            return type, body
        type, step = UPCASTERS[type]
        body = step(body)
    raise RuntimeError(f"upcasters lead in a circle at {type}")
