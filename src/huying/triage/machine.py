"""A loop as machine code where there is numba (extra `compiled`)."""

from __future__ import annotations

from typing import Any

try:
    import numba
except ImportError:
    numba = None  # type: ignore[assignment,unused-ignore]

HERE = numba is not None
"""Whether there is numba."""

# A product may be added without being rounded first; nothing else is taken more lightly than numpy does.
_FUSED = {"contract"}


def compiled(function: Any) -> Any:
    """The function as machine code, kept for the next start where there is a place for it; itself without
    numba."""
    if numba is None:
        return function
    try:
        return numba.njit(cache=True, nogil=True, fastmath=_FUSED)(function)
    except RuntimeError:  # no folder to keep it in may be written
        return numba.njit(nogil=True, fastmath=_FUSED)(function)
