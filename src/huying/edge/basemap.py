"""The map under everything, as the ways in see it."""

from __future__ import annotations

from typing import Protocol


class Basemap(Protocol):
    """A file of `size` bytes that is read in parts; `etag` (quoted) changes with its content."""

    @property
    def size(self) -> int: ...
    @property
    def etag(self) -> str: ...

    def read(self, at: int, count: int) -> bytes:
        """So many bytes from there on. Blocking."""
        ...
