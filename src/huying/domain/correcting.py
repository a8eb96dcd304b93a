"""Commands of corrections, and of putting on record that somebody was given something."""

from __future__ import annotations

from huying.domain.commands import Command, OnIncident


class AskCorrection(OnIncident, frozen=True, kw_only=True):
    """Say that a record is wrong. `of` is the number of the fact in the incident's story, `at_field` which of
    its fields (`words`, `answer`, `why`, or `answers.` and a question), `right` what is right instead;
    `wrong` may say what stands there now, so that the wrong one isn't corrected. `asked_by`: caller,
    concerned, guardian, agency or staff; `basis`: the law."""

    of: int
    at_field: str
    right: str
    asked_by: str
    basis: str
    wrong: str = ""


class CorrectRecord(OnIncident, frozen=True, kw_only=True):
    """Put the asked correction `n` right: what was wrong is sealed and hidden, who was given it is told."""

    n: int


class RefuseCorrection(OnIncident, frozen=True, kw_only=True):
    n: int
    why: str
    appeal: str


class AcknowledgeCorrection(OnIncident, frozen=True, kw_only=True):
    """`to` has put its own copy right."""

    n: int
    to: str


class OpenOriginal(OnIncident, frozen=True, kw_only=True):
    """What had been wrong, with its salt: enough to prove it against the journal's tree. A fact itself."""

    n: int


class DiscloseRecord(Command, frozen=True, kw_only=True):
    """Put on record that facts were handed to somebody with words in them (`until` 0: all there are)."""

    to: str
    basis: str
    after: int = 0
    until: int = 0


class DiscloseIncident(OnIncident, frozen=True, kw_only=True):
    """Put on record that what is known of an incident was handed to somebody outside."""

    to: str
    basis: str
