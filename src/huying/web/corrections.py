"""Wrong records: asking, deciding, telling, and proving what had been wrong."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from huying.domain import correcting as k
from huying.web.steps import Step

_ALL = "/api/incidents/{incident:int}/corrections"
_ONE = f"{_ALL}/{{n:int}}"
STEPS = (
    Step(_ALL, k.AskCorrection, "Say that a record is wrong, and what is right"),
    Step(f"{_ONE}/make", k.CorrectRecord, "Put it right and tell everybody who was given it"),
    Step(f"{_ONE}/refuse", k.RefuseCorrection, "Refuse, with a reason and where one can appeal"),
    Step(f"{_ONE}/acknowledge", k.AcknowledgeCorrection, "Confirm that a recipient has put its copy right"),
    Step(f"{_ONE}/original", k.OpenOriginal, "What had been wrong, to prove it"),
    Step("/api/incidents/{incident:int}/disclosures", k.DiscloseIncident, "Put on record who was given it"),
)
ROUTES: tuple[HTTPRouteHandler, ...] = ()
