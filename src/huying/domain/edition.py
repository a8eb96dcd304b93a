"""What never changes, and what is worked out of it once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

T = TypeVar("T")


class Edition:
    """A struct with a place for what is worked out of it (`dict=True`)."""

    def changed(self, **fields: Any) -> Self:
        """The same with other fields. Nothing that was worked out of this one is taken along, as
        `structs.replace` would do."""
        assert isinstance(self, Struct)
        made = replace(self, **fields)
        made.__dict__.clear()
        return made

    def once(self, make: Callable[[Self], T]) -> T:
        """What `make` makes of this edition, made when it is first asked for: finders of its words and places
        take half a second of a county, and a process opens its own several times."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    @cached_property
    def _made(self) -> dict[Any, Any]:
        return {}
