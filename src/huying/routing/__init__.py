"""Whose is it, by when, and who hears of it if not: pure functions over a pack."""

from huying.routing.decide import Decision, competent, route
from huying.routing.escalate import climb

__all__ = ["Decision", "climb", "competent", "route"]
