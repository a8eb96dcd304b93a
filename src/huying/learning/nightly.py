"""By night the fast model is taught what meaning makes of the calls; what passes the gate goes on trial.

Only where the extra `semantic` is installed and the city has labelled reports. It is a job like those of the
models' page: in a process of its own, at a lower priority, half an hour at most, one at a time; a person can
see it there and end it. Nothing in use changes by it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from huying.base.clock import Clock
from huying.domain.worktime import WorkTime
from huying.edge.models import Workshop
from huying.edge.repeated import Repeated

HOUR = 3
"""In the city's own time: fewest calls come then."""

LOOK_S = 600.0
"""Between two looks at the clock: six of them fall into the hour."""

ACTOR = "night"

log = logging.getLogger("huying.learning")


class Nightly:
    """Begins the job once in each night.

    Args:
        ready: whether the extra is here; asked each time, nothing is loaded for it.
        look_s: seconds between two looks.
    """

    def __init__(
        self,
        workshop: Workshop,
        worktime: WorkTime,
        clock: Clock,
        ready: Callable[[], bool],
        look_s: float = LOOK_S,
    ) -> None:
        self._workshop, self._worktime, self._clock = workshop, worktime, clock
        self._ready = ready
        self._done = ""
        # Refused where another job runs: asked again at the next look.
        looks = Repeated(self._turn, look_s, "teaching by night", log)
        self.start, self.stop = looks.start, looks.stop

    def look(self) -> bool:
        """One look at the clock; whether the job was begun. Called on the event loop."""
        here = self._worktime.local(self._clock.now())
        night = here.date().isoformat()
        if here.hour != HOUR or night == self._done or not self._ready() or not self._workshop.files():
            return False
        self._workshop.start("distil", "", ACTOR)
        self._done = night
        return True

    async def _turn(self) -> None:
        if self.look():
            log.info("the fast model is taught by meaning")
