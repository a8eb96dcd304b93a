"""A loop as machine code where there is numba (extra `compiled`), from the first time that it runs.

Numba takes half a second to load and another half to find what it kept: nobody pays for it who only asks for
a key, or decides beside the process that hears.
"""

from __future__ import annotations

from importlib.util import find_spec
from types import FunctionType
from typing import Any

HERE = find_spec("numba") is not None
"""Whether there is numba."""

# Nothing else is taken more lightly than numpy does.
_FUSED = {"contract"}

_loops: list[_Loop] = []


class _Loop:
    """A function that will be machine code, and stands for it wherever it was imported to."""

    def __init__(self, function: Any, fused: bool) -> None:
        self.function, self.fused = function, fused
        self.made: Any = None
        _loops.append(self)

    def __call__(self, *args: Any) -> Any:
        if self.made is None:
            load()
        return self.made(*args)


def compiled(function: Any, fused: bool = True) -> Any:
    """The function as machine code, kept for the next start where there is a place for it; itself without
    numba. `fused`: a product may be added without being rounded first."""
    return _Loop(function, fused) if HERE else function


def plainly(loop: Any) -> Any:
    """The same lines as the interpreter runs them, with all that they call in their module; to be asked for
    where the loop is written."""
    if not isinstance(loop, _Loop):
        return loop
    names = dict(loop.function.__globals__)
    for name, each in [item for item in names.items() if isinstance(item[1], _Loop)]:
        names[name] = FunctionType(each.function.__code__, names)
    return FunctionType(loop.function.__code__, names)


def loaded() -> bool:
    """Whether what there is by now is machine code; always without numba, where nothing is to be loaded."""
    return not HERE or (bool(_loops) and _loops[0].made is not None)


def load() -> None:
    """Make machine code of all loops that there are. Two threads that come at once do it twice, and either's
    code does for both."""
    waiting = [each for each in _loops if each.made is None]
    made = {id(each): _machine_code(each) for each in waiting}
    # Machine code calls machine code by the names of its module: they must not stand for loops any more.
    for names in [each.function.__globals__ for each in _loops]:
        for name, loop in [item for item in names.items() if isinstance(item[1], _Loop)]:
            names[name] = made.get(id(loop), loop.made)
    for each in waiting:
        each.made = made[id(each)]


def _machine_code(loop: _Loop) -> Any:
    import numba

    how: dict[str, Any] = {"nogil": True, "fastmath": _FUSED if loop.fused else False}
    try:
        return numba.njit(cache=True, **how)(loop.function)
    except RuntimeError:  # no folder to keep it in may be written
        return numba.njit(**how)(loop.function)
