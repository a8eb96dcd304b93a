"""Where the public records lie that some tests read; a checkout without them skips those tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def data_dir(name: str) -> Path:
    """The folder of one set: under $HUYING_DATA, or under `shared/data` beside the checkout."""
    given = os.environ.get("HUYING_DATA")
    root = Path(__file__).resolve().parent.parent
    roots = (
        [Path(given)] if given else [root.parent / "shared" / "data", root.parent.parent / "shared" / "data"]
    )
    for each in roots:
        if (each / name).is_dir():
            return each / name
    pytest.skip(f"the public set {name} is not here; set HUYING_DATA to the folder that holds it")
