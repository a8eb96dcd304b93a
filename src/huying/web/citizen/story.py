"""What became of a call, in sentences: the promise, what has happened so far, the answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from huying.base.clock import DAY
from huying.base.text import say
from huying.domain.call import Call
from huying.domain.incident import Incident
from huying.domain.photo import ANSWER, CALL, FOLLOW_UP, Photo
from huying.domain.referral import Referral
from huying.domain.statuses import FollowUpStatus, IncidentStatus, ReferralStatus
from huying.edge.public import PublicView
from huying.web.citizen.when import when

_GONE = (ReferralStatus.RETURNED, ReferralStatus.WITHDRAWN)


class Line(Struct, frozen=True):
    """One thing that happened."""

    at: int
    when: str
    says: str


class Answer(Struct, frozen=True):
    who: str
    when: str
    says: str
    photos: list[Photo]


class Story(Struct, frozen=True):
    """`status` is a key of the words; `type` is empty while nobody has said what it is; `question` whether
    the caller is asked now, `again` whether a no is still taken though it is closed."""

    status: str
    type: str
    words: str
    photos: list[Photo]
    received: str
    promises: list[str]
    late: list[str]
    answers: list[Answer]
    lines: list[Line]
    question: bool
    again: bool
    answer_by: str


class Teller:
    """Tells one call to one reader."""

    def __init__(self, view: PublicView, lang: str) -> None:
        self.view, self.lang, self.pack, self.now = view, lang, view.desk.pack, view.at

    def story(self, code: str, address: str) -> Story:
        """Blocks; refuses `not_found` and `too_many` as the code's check does."""
        call, incident = self.view.own_call(code, address)
        follow_up = incident.follow_up
        asked = follow_up is not None and follow_up.status is FollowUpStatus.ASKED
        closed = incident.status is IncidentStatus.CLOSED
        kind = self.pack.type_of(incident.type)
        until = incident.closed_at + self.pack.reopen_days * DAY
        return Story(
            status=self._status(incident),
            type="" if kind.code == self.pack.default_type else say(kind.name, self.lang),
            words=call.words,
            photos=photos_of(call.photos, CALL, call.id) + photos_of(incident.photos, FOLLOW_UP),
            received=self.when(call.at),
            promises=[] if closed else [each for one in incident.referrals if (each := self._promise(one))],
            late=[] if closed else [each for one in incident.referrals if (each := self._late(one))],
            answers=[self._answer(incident, each) for each in incident.referrals if each.answer],
            lines=sorted(self._lines(call, incident), key=lambda each: each.at),
            question=asked,
            again=closed and follow_up is not None and self.now <= until,
            answer_by=self.when(follow_up.due) if asked and follow_up is not None else "",
        )

    def when(self, at: int) -> str:
        return when(at, self.now, self.pack.worktime, self.lang)

    def say(self, key: str, **values: Any) -> str:
        return self.view.desk.word(f"citizen.{key}", self.lang, **values)

    def agency(self, code: str) -> str:
        row = self.pack.agencies.get(code)
        return say(row.name, self.lang) if row else code

    def _status(self, incident: Incident) -> str:
        if incident.status is IncidentStatus.CLOSED:
            return "closed"
        if incident.status is IncidentStatus.RESOLVED:
            return "answered"
        if incident.running_assignments:
            return "sent"
        return "handed" if incident.running_referrals else "seen"

    def _promise(self, referral: Referral) -> str:
        """Who must answer by when; nothing for what has ended or is late."""
        if not referral.running or not referral.due or referral.due < self.now:
            return ""
        return self.say("promise", agency=self.agency(referral.agency), when=self.when(referral.due))

    def _late(self, referral: Referral) -> str:
        if not referral.running or not referral.due or referral.due >= self.now:
            return ""
        row = self.pack.agencies.get(referral.agency)
        above = self.agency(row.parent) if row and row.parent else self.agency(self.pack.duty_desk)
        due = self.when(referral.due)
        return self.say("late", agency=self.agency(referral.agency), when=due, above=above)

    def _answer(self, incident: Incident, referral: Referral) -> Answer:
        photos = photos_of(incident.photos, ANSWER, referral.n)
        return Answer(self.agency(referral.agency), self.when(referral.ended_at), referral.answer, photos)

    def _lines(self, call: Call, incident: Incident) -> list[Line]:
        found = [self._line(call.at, "received")]
        for each in incident.referrals:
            name = self.agency(each.agency)
            if each.status is ReferralStatus.WITHDRAWN:
                continue
            found.append(self._line(each.offered_at, "offered", agency=name))
            found.append(self._line(each.accepted_at, "accepted", agency=name))
            if each.status is ReferralStatus.RETURNED:
                found.append(self._line(each.ended_at, "returned", agency=name))
            elif each.status not in _GONE and not each.running:
                found.append(self._line(each.ended_at, "answered", agency=name))
        for assignment in incident.assignments:
            name = self.agency(assignment.agency)
            found.append(self._line(assignment.dispatched_at, "sent", agency=name))
            found.append(self._line(assignment.on_scene_at, "there", agency=name))
        if incident.resolved_at:
            found.append(self._line(incident.resolved_at, "resolved"))
        if incident.reopened_at:
            found.append(self._line(incident.reopened_at, "reopened"))
        if incident.closed_at and incident.status is IncidentStatus.CLOSED:
            found.append(self._line(incident.closed_at, "closed"))
        return _once([each for each in found if each.at])

    def _line(self, at: int, key: str, **values: Any) -> Line:
        return Line(at, self.when(at) if at else "", self.say(f"line.{key}", **values))


def photos_of(photos: Sequence[Photo], part: str, of: int = 0) -> list[Photo]:
    """Those of a part that are still there."""
    return [each for each in photos if each.part == part and of in (0, each.of) and not each.gone]


def _once(lines: list[Line]) -> list[Line]:
    """Three cars of one station leave in one minute: that is one line."""
    return list({(each.when, each.says): each for each in reversed(lines)}.values())[::-1]
