"""What a page costs, in loops: processor time of its main thread beside that of one loop of its own.

Both are counted in time of the thread, not of the wall, and in the same page and run, so that other work on
the machine stretches neither. On two cores of the kind that runs CI one loop takes 7 ms; a budget in
milliseconds of a quiet machine is so many loops.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

LOOP_MS = 7.0
# The loop is made faster by the browser as it runs; the best of so many is what it costs.
LOOPS = 8
# Sorts and reads what a list of 20,000 lines would: the kind of work that the screens do.
_LOOP = """() => {
  const rows = [];
  for (let n = 0; n < 20000; n++) rows.push({ at: (n * 7919) % 20011, words: 'row ' + n });
  rows.sort((a, b) => a.at - b.at);
  let sum = 0;
  for (const row of rows) sum += row.words.toLowerCase().length;
  return sum;
}"""
FRAME = "() => new Promise(requestAnimationFrame)"


class Work:
    """Of one page; `loop_s` is what its loop takes."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
        self.loop_s = min(self.seconds(lambda: page.evaluate(_LOOP)) for _ in range(LOOPS))

    def spent(self) -> float:
        """Seconds of the main thread so far."""
        told = self.devtools.send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in told if each["name"] == "ThreadTime"))

    def seconds(self, does: Callable[[], Any]) -> float:
        before = self.spent()
        does()
        return self.spent() - before

    def loops(self, does: Callable[[], Any]) -> float:
        """What something costs, in loops."""
        return self.seconds(does) / self.loop_s


def loops_of(ms: float) -> float:
    return ms / LOOP_MS
