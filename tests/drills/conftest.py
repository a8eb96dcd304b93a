"""The smallest town with drills, and the demo county, read once for each module that plays them."""

from __future__ import annotations

import pytest

from drill_town import made_town
from huying.sim.drill.stage import Theatre


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> str:
    return made_town(tmp_path_factory.mktemp("xikou"))


@pytest.fixture(scope="module")
def theatre(town: str) -> Theatre:
    return Theatre(town)


@pytest.fixture(scope="module")
def county() -> Theatre:
    return Theatre("yunxi")
