"""Under which address we are seen, and whether a request comes from one of our own pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from huying.base.refusal import Refusal
from huying.edge.settings import Settings

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def header(scope: Any, name: bytes) -> str:
    """The first header called `name` (lower case), or nothing."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def origin_of(scope: Any, settings: Settings) -> str:
    """`https://host`: the setting, or else what the request was sent to."""
    if settings.root_url:
        parts = urlsplit(settings.root_url)
        return f"{parts.scheme}://{parts.netloc}"
    return f"{scope.get('scheme', 'http')}://{header(scope, b'host')}"


def same_origin(scope: Any, settings: Settings) -> None:
    """Refuse (`cross_site`) a request that none of our own pages sent.

    Browsers say where a request comes from in `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/) and,
    for whatever changes something, in `Origin`; no page can forge either. One that says neither is no browser
    of these years, or a program, which has a key or says `Origin` itself.
    """
    site = header(scope, b"sec-fetch-site")
    origin = header(scope, b"origin")
    if site == "same-origin" and origin in ("", "null"):  # a form of a page that sends no referrer: null
        return
    if site not in ("", "same-origin") or origin != origin_of(scope, settings):
        raise Refusal("cross_site")
