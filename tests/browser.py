"""Debian's Chromium for tests that need a real browser; without one they are left out, with a clear line."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# The shell draws no windows of its own: a new visitor costs it 0.2 s of a processor, a whole browser 0.9.
CANDIDATES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# A machine without a screen, a sandbox or a network.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
DRAWING = (*(each for each in ARGUMENTS if each != "--disable-gpu"), "--use-angle=swiftshader")
DRAWING += ("--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
# Nothing takes more than a second or two on a machine of one's own; others may be at work on this one.
PATIENCE_MS = 120_000


def patient(browser: Any) -> Any:
    """The browser, all of whose tabs wait as long as that for what is to come."""
    make = browser.new_context

    def new_context(**how: Any) -> Any:
        context = make(**how)
        context.set_default_timeout(PATIENCE_MS)
        return context

    browser.new_context = new_context
    return browser


@contextmanager
def playing() -> Iterator[Any]:
    """Playwright, which leads browsers; a thread has one at most."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="browser tests need playwright")
    with sync_api.sync_playwright() as playwright:
        yield playwright


@contextmanager
def launched(playwright: Any, draws: bool = False) -> Iterator[Any]:
    """A browser; one that `draws` has WebGL, by its own software where there is no other."""
    path = next((found for name in CANDIDATES if (found := shutil.which(name))), "")
    if not path:
        if os.environ.get("CI"):
            raise AssertionError("no chromium: the script of CI installs it")
        pytest.skip("browser tests need chromium")
    browser = playwright.chromium.launch(executable_path=path, args=list(DRAWING if draws else ARGUMENTS))
    try:
        yield patient(browser)
    finally:
        browser.close()


@contextmanager
def chromium(draws: bool = False) -> Iterator[Any]:
    """A browser of one's own, with what leads it."""
    with playing() as playwright, launched(playwright, draws) as browser:
        yield browser
