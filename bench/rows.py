"""One measured figure beside a peer or a limit of the same run."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass
class Row:
    """`ratio` is value / peer; it must reach `goal`, or stay below it where `less` is better."""

    name: str
    value: float
    peer: float
    goal: float
    less: bool = False

    def line(self) -> str:
        ratio = self.value / self.peer if self.peer else 0.0
        met = ratio <= self.goal if self.less else ratio >= self.goal
        return json.dumps(
            {
                "name": self.name,
                "value": round(self.value, 4),
                "peer": round(self.peer, 4),
                "ratio": round(ratio, 3),
                "goal": self.goal,
                "met": met,
            },
            ensure_ascii=False,
        )
