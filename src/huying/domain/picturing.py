"""Commands of pictures: keep one for a while, let go of those that nobody named."""

from __future__ import annotations

from huying.domain.commands import Command


class KeepPhoto(Command, frozen=True, kw_only=True):
    """Keep a picture, made anew by the edge, until a command names it by the token that is the answer."""

    image: bytes
    width: int
    height: int


class DropPhotos(Command, frozen=True):
    """Let go of pictures that waited too long to be named."""
