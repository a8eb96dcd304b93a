"""Answers to what a call is, counted: one thing suggested, a list to pick from, or nothing; and how often
they were right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from msgspec import Struct


class Answers(Struct):
    """Judged is where the record says what is; an answer is right when one of its codes is one of the true
    ones."""

    count: Counter[str]

    def take(self, answer: Sequence[str], truth: Collection[str]) -> None:
        """`answer` holds one code, several, or none; `truth` is empty where the record doesn't say."""
        how = "abstentions" if not answer else "suggestions" if len(answer) == 1 else "pick_lists"
        self.count["texts"] += 1
        self.count[how] += 1
        if truth:
            self.count["labelled"] += 1
            self.count[f"labelled_{how}"] += 1
            self.count[f"{how}_right"] += any(code in truth for code in answer)

    def summary(self) -> dict[str, Any]:
        """JSON values; `accuracy` is of the labelled suggestions, `pick_list_accuracy` of the labelled lists,
        None where there were none."""
        count = self.count
        keys = ("texts", "suggestions", "pick_lists", "abstentions", "labelled", "labelled_suggestions")
        more = ("suggestions_right", "labelled_pick_lists", "pick_lists_right")
        return {
            **{key: count[key] for key in (*keys, *more)},
            "accuracy": share(count["suggestions_right"], count["labelled_suggestions"]),
            "pick_list_accuracy": share(count["pick_lists_right"], count["labelled_pick_lists"]),
        }


def share(part: int, of: int) -> float | None:
    return round(part / of, 4) if of else None
