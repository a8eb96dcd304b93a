"""Errors as the standard has them: a list of code and description under the HTTP status."""

from __future__ import annotations


class Fault(Exception):
    """400 something is missing or wrong, 403 the api_key, 404 not found."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
