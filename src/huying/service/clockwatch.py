"""Puts on record when the machine's clock was set and the journal's time did not follow."""

from __future__ import annotations

from typing import Any

from huying.base.clock import SECOND
from huying.domain.commands import Envelope, NoteClock


class ClockWatch:
    """Looks at a clock between two commits, in the writer's thread; clocks that can't leap are left alone."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._held = False

    def look(self) -> None:
        """One fact when the clock leaps, one when it agrees again."""
        leap = getattr(self._engine.clock, "leap", 0)
        if bool(leap) == self._held:
            return
        with self._engine.transaction() as transaction:
            note = NoteClock(by_s=round(leap / SECOND), held=bool(leap))
            transaction.execute(Envelope(note, actor="clock", automatic=True))
        self._held = bool(leap)

    def close(self) -> None:
        """Nothing to end."""
