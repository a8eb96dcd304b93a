"""What browser tests share: one browser for all files of a worker, and one more that draws maps. Each test,
or file of tests, opens visitors of its own in it, who know nothing of each other.

They end where a worker leaves this folder: while Playwright leads, nothing else in its thread may use
asyncio.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest

from browser import launched, playing

_open = ExitStack()


@cache
def _playwright() -> Any:
    return _open.enter_context(playing())


@cache
def _browser(draws: bool) -> Any:
    return _open.enter_context(launched(_playwright(), draws))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: Any, nextitem: Any) -> Generator[None, Any, Any]:
    done = yield
    if nextitem is None or nextitem.path.parent != item.path.parent:
        _open.close()
        for each in (_playwright, _browser):
            each.cache_clear()
    return done


@pytest.fixture(scope="module")
def browser() -> Any:
    return _browser(draws=False)


@pytest.fixture(scope="module")
def drawing() -> Any:
    """With WebGL by its own software: dear, for what is drawn."""
    return _browser(draws=True)
