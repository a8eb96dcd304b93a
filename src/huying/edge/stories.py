"""Incidents with their calls, facts and pictures as far as an asker is shown them; looks are noted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from huying.base.clock import DAY
from huying.base.refusal import Refusal
from huying.domain.call import Call
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.place import Place
from huying.domain.policy import NOTHING, Action, Thing
from huying.domain.principal import Kind
from huying.domain.reason import Reason
from huying.domain.suggestion import Understood
from huying.edge.deciding import Deciding
from huying.privacy.looked import Looked, looked_at
from huying.privacy.redact import Shown, blanks_of_line, call_shown, fact_shown, hidden_of, incident_shown
from huying.service.modelling import audited
from huying.service.nearby import AROUND_MAX, alike_near
from huying.service.questions import IncidentFilter, IncidentLine, Page
from huying.store.lines import incident_line

# A call of the audit sample is asked about while somebody may still remember the day; of so many looked
# through, six belong to the sample.
AUDIT_DAYS = 7
AUDIT_LOOK = 200
# What a call is compared by.
_ALIKE_BY = frozenset({"title", "place"})


class Story(Struct, frozen=True):
    """An incident with its calls and facts, as far as they are shown; `hidden` are the fields that are not,
    as `thing.field`; `names` are those of the colleagues who act in it, by what facts call them."""

    incident: Incident
    calls: list[Call]
    facts: list[Fact]
    hidden: list[str]
    names: dict[str, str]


class Stories(Deciding):
    """The first wall decides; a store with a second one is told what the asker may see, and drops more."""

    def incidents(self, which: IncidentFilter, cursor: str, limit: int) -> Page:
        among = self.among(Thing.INCIDENT)
        fields, certain = self._fields(Thing.INCIDENT)
        _hidden_is_not_found(which, fields)
        line = partial(_line_of, fields) if certain else self.line
        page = self._questions.states(which, cursor, limit, among)
        return Page([line(each) for each in page.items], page.next)

    def line(self, incident: Incident) -> IncidentLine:
        """One line of a list, as far as it is shown."""
        grant = self.may(Thing.INCIDENT, Action.READ, self.about(incident))
        return _line_of(grant.fields if grant is not None else frozenset(), incident)

    def lines_of(self, streams: Sequence[int]) -> list[IncidentLine]:
        """The lines of the incidents that these streams are of or belong to, as far as they may be seen."""
        among = self.among(Thing.INCIDENT)
        found = {each.id: each for each in self._questions.incidents_of(streams, among).values()}
        seen = ((each, self.may(Thing.INCIDENT, Action.READ, self.about(each))) for each in found.values())
        return [_line_of(grant.fields, each) for each, grant in seen if grant is not None]

    def alike_lines(self, understood: Understood) -> list[tuple[IncidentLine, Reason]]:
        """Unfinished incidents that a call so understood may be about as well, likeliest first; none for who
        may not see incidents, nor for who doesn't see what they are told by: a guess at words or at a place
        would be answered with how near it is."""
        if not self.could(Thing.INCIDENT):
            return []
        if not _ALIKE_BY.issubset(self._fields(Thing.INCIDENT)[0]):
            return []
        return [(self.line(each), why) for each, why in self._alike(understood, Thing.INCIDENT, staff=True)]

    def _alike(self, understood: Understood, thing: Thing, staff: bool) -> list[tuple[Incident, Reason]]:
        among, states = self.among(thing), self._questions.states

        def read(which: IncidentFilter) -> list[Incident]:
            return states(which, "", AROUND_MAX, among).items

        return alike_near(self.desk.pack, understood, self.at, read, staff)

    def story(self, id: int, limit: int) -> Story:
        incident = self._questions.incident(id)
        about = self.about(incident)
        shown = {Thing.INCIDENT: self.grant(Thing.INCIDENT, Action.READ, about).fields}
        rule = ""
        for thing in (Thing.CALL, Thing.MEDIA, Thing.TIMELINE):
            if (grant := self.may(thing, Action.READ, about)) is not None:
                shown[thing] = grant.fields
                rule = rule or (grant.rules[0] if thing is Thing.CALL else "")
        calls, facts = [], []
        if Thing.CALL in shown:
            calls = self._questions.calls(incident.calls, self.among(Thing.CALL))
            calls = self._calls(calls, shown, rule)
        if Thing.TIMELINE in shown:
            facts = self._questions.timeline(id, limit, self.among(Thing.TIMELINE))
        facts = [fact_shown(each, shown) for each in facts]
        return Story(
            incident_shown(incident, shown[Thing.INCIDENT], Thing.MEDIA in shown),
            calls,
            facts,
            hidden_of(shown),
            self.called(each.actor for each in facts),
        )

    def called(self, actors: Iterable[str]) -> dict[str, str]:
        """What the colleagues are called who act under these codes. A partner's program learns the codes,
        never the names."""
        if self.who.kind is not Kind.STAFF:
            return {}
        return self._questions.names_of(sorted({each for each in actors if each}))

    def _calls(self, calls: Sequence[Call], shown: Shown, rule: str) -> list[Call]:
        """Calls as far as they are shown; a look at their words or media is noted."""
        fields = shown.get(Thing.CALL)
        if fields is None:
            return []
        media = Thing.MEDIA in shown
        if "words" in fields:
            self._look(Thing.CALL, rule, [each.id for each in calls])
        return [call_shown(each, fields, media) for each in calls]

    def _look(self, thing: Thing, rule: str, calls: Sequence[int]) -> None:
        purpose = self.purpose(thing, Action.READ).value
        self.desk.looks.note(self.asker.actor, purpose, thing.value, rule, calls, self.at)

    def call(self, id: int) -> Call:
        call = self._questions.call(id)
        about = self.about(self._questions.incident(call.incident))
        grant = self.grant(Thing.CALL, Action.READ, about)
        shown = {Thing.CALL: grant.fields}
        if self.may(Thing.MEDIA, Action.READ, about) is not None:
            shown[Thing.MEDIA] = grant.fields
        return self._calls([call], shown, grant.rules[0])[0]

    def photo(self, id: int) -> bytes:
        """A picture, by the number of the fact that attached it; the look is noted."""
        found = self._questions.facts(id - 1, 1)
        if not found or found[0].seq != id or found[0].type != "photo.attached":
            raise Refusal("not_found", photo=id)
        stream = found[0].stream
        incident = self._questions.incidents_of([stream])[stream]
        grant = self.grant(Thing.MEDIA, Action.READ, self.about(incident))
        if "link" not in grant.fields:
            raise Refusal("field_hidden", field="photo")
        self._look(Thing.MEDIA, grant.rules[0], incident.calls if stream == incident.id else [stream])
        return self.desk.pictures.unseal(id)

    def audit(self) -> tuple[Call | None, int]:
        """The next call of the audit sample that nobody has labelled, and how many wait."""
        self.ever(Thing.INCIDENT, Action.SORT)
        page = self._questions.calls_received(self.at - AUDIT_DAYS * DAY, self.at + 1, "", AUDIT_LOOK)
        sample = [call.id for call, _ in page.items if audited(call.id) and not call.stated_type]
        done = self._questions.labelled(sample)
        where = self._questions.incidents_of(sample, self.among(Thing.CALL))
        waiting = [id for id in sample if id not in done and id in where]
        return (self.call(waiting[0]) if waiting else None), len(waiting)

    def looked(self, id: int) -> list[Looked]:
        """Who looked at a call's data."""
        self.grant(Thing.LOOK, Action.READ, NOTHING)
        call = self._questions.call(id)
        return looked_at(call, self._questions.looked(call))

    def place(self, id: int) -> Place:
        """Where an incident is; its areas only, for who is not shown more."""
        incident = self._questions.incident(id)
        grant = self.grant(Thing.INCIDENT, Action.READ, self.about(incident))
        return incident_shown(incident, grant.fields).place

    def incident_to_send(self, id: int) -> Incident:
        """One that the asker may send units to: whole, for a recommendation."""
        incident = self._questions.incident(id)
        self.grant(Thing.INCIDENT, Action.DISPATCH, self.about(incident))
        return incident

    def incidents_to_send(self, which: IncidentFilter, limit: int) -> list[Incident]:
        """Those of a page that the asker may send units to: whole, for a plan of the board."""
        self.ever(Thing.INCIDENT, Action.DISPATCH)
        found = self._questions.states(which, "", limit, self.among(Thing.INCIDENT)).items
        return [each for each in found if self.may(Thing.INCIDENT, Action.DISPATCH, self.about(each))]


def _hidden_is_not_found(which: IncidentFilter, fields: frozenset[str]) -> None:
    """What a list doesn't show can't be learnt by asking for it, either."""
    for field, needs, wanted in (
        ("box", "place", which.box is not None),
        ("agency", "work", bool(which.agency)),
        ("duty_desk", "work", which.duty_desk is not None),
    ):
        if wanted and needs not in fields:
            raise Refusal("field_hidden", field=field)


def _line_of(fields: frozenset[str], incident: Incident) -> IncidentLine:
    line = incident_line(incident)
    blanks = blanks_of_line(fields)
    return replace(line, **blanks) if blanks else line
