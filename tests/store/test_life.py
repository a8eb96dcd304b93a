"""The laws of `life.Life` on every store."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from life import Life

# A walk of 30 steps meets most arrows; more walks are for `make soak`.
WALKS = 500 if os.environ.get("HUYING_SOAK") else 25


@pytest.mark.slow
def test_any_order_of_commands_keeps_the_laws(fresh_store):
    machine = type("LifeHere", (Life,), {"open_store": staticmethod(fresh_store)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=WALKS, stateful_step_count=30, deadline=None)
    )
