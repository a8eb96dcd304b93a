"""Callers: say whether it is solved, say no, or say nothing."""

from __future__ import annotations

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.commands import AnswerFollowUp, Envelope
from huying.domain.facts import Fact
from huying.sim.agenda import Agenda, Ears
from huying.sim.chance import Dice
from huying.sim.habits import Habits


class Callers:
    """A caller says no at most `reopens_max` times, so that every incident comes to its end."""

    def __init__(self, agenda: Agenda, ears: Ears, dice: Dice, habits: Habits) -> None:
        self.agenda = agenda
        self.dice = dice
        self.habits = habits
        ears.listen(f.FollowUpAsked, self.asked)

    def asked(self, fact: Fact, body: f.FollowUpAsked) -> None:
        habits, dice = self.habits, self.dice
        if dice.random() >= habits.caller_answers:
            return
        delay = int(dice.lognormal(habits.caller_after_s, habits.caller_spread) * SECOND)
        solved = body.n > habits.reopens_max or dice.random() >= habits.not_solved
        rating = 5 - dice.below(2) if solved else 1 + dice.below(2)
        # Who answers at all does so before the time is over.
        at = min(fact.at + delay, max(fact.at, body.due - SECOND))
        self.agenda.put(at, self.answer, (fact.stream, solved, rating))

    def answer(self, at: int, what: tuple[int, bool, int]) -> Envelope:
        incident, solved, rating = what
        return Envelope(
            AnswerFollowUp(incident=incident, solved=solved, rating=rating), actor="sim.caller", at=at
        )
