"""What the live stream shows to askers of one kind: filtered and written once for all of them.

Askers to whom the rules give the same (role, agency, areas, unit, shift, purpose) make one audience, however
many screens they have open. A fact that several audiences see alike is written once for all of these, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec.structs import replace

from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.policy import NOTHING, About, Action, Purpose, Thing
from huying.domain.principal import Duty, Principal
from huying.privacy.about import about_incident, about_unit
from huying.privacy.policy import Policy
from huying.privacy.redact import OF_ALL, Shown, fact_shown, thing_of
from huying.service.ports import House

Key = tuple[Principal, str]
Written = dict[tuple[int, frozenset[tuple[Thing, frozenset[str]]]], bytes]
"""(seq, what is shown) → the fact as bytes: shared by the audiences of one chunk."""

# What a story is made of: the timeline decides whether a fact is shown, the others what of it.
_PARTS = (Thing.TIMELINE, Thing.INCIDENT, Thing.CALL, Thing.MEDIA)
# With these a unit leaves an incident: its crew still hears that it did.
_LEAVING = frozenset({"assignment.recalled", "assignment.clear"})


def key_of(who: Principal, purpose: str) -> Key:
    """Two askers with the same key see the same. Only an emergency view is somebody's own."""
    duty = Duty(who.duty.shift, 0, who.duty.until) if who.duty is not None else None
    actor = who.actor if purpose == Purpose.EMERGENCY else ""
    return replace(who, actor=actor, duty=duty, elevated_until=0, demo=False, scopes=frozenset()), purpose


class Audience:
    """Askers who see the same. `words` tells whether they see what callers said."""

    def __init__(self, house: House, key: Key) -> None:
        self.who, self._purpose = key
        self._house = house
        self._policy: Policy = house.policy
        self._purposes = {thing: self._usual(thing) for thing in Thing}
        self.rule = ""

    def _usual(self, thing: Thing) -> Purpose:
        if self._purpose:
            return Purpose(self._purpose)
        return self._policy.usual_purpose(self.who, thing, Action.READ) or Purpose.ANSWER

    @property
    def purpose(self) -> str:
        """What calls are read for."""
        return self._purposes[Thing.CALL].value

    def asks_for_incidents(self, at: int) -> bool:
        """Whether what is shown depends on the incident that a fact is about."""
        return self._same_for_all(at) is None

    def sees_words(self, at: int) -> bool:
        """Whether there are calls whose words they see."""
        return self._policy.may_ever(self.who, Thing.CALL, Action.READ, self._purposes[Thing.CALL], at)

    def _same_for_all(self, at: int) -> Shown | None:
        """What is shown of every story, where that is one and the same."""
        shown: dict[Thing, frozenset[str]] = {}
        for thing in _PARTS:
            ask = (self.who, thing, Action.READ, self._purposes[thing])
            scope = self._policy.scope(*ask, at)
            if not (scope.everything or scope.nothing):
                return None
            grant = self._policy.decide(*ask, NOTHING, at)
            if grant is not None:
                shown[thing] = grant.fields
        return shown

    def _shown_of(self, about: About, at: int) -> Shown:
        shown: dict[Thing, frozenset[str]] = {}
        for thing in _PARTS:
            grant = self._policy.decide(self.who, thing, Action.READ, self._purposes[thing], about, at)
            if grant is not None:
                shown[thing] = grant.fields
        return shown

    def see(
        self,
        facts: Iterable[Fact],
        incidents: Mapping[int, Incident],
        codes: Mapping[int, str],
        at: int,
        write: Callable[[Fact], bytes],
        written: Written,
    ) -> list[bytes]:
        """The facts that they see, each written without what is hidden of it.

        Args:
            incidents: of the streams of these facts, for those who see only some.
            codes: of units by their streams.
            written: what was written for other audiences already.
        """
        always = self._same_for_all(at)
        found = []
        for fact in facts:
            shown = self._shown(fact, always, incidents, codes, at)
            if shown is None:
                continue
            key = fact.seq, frozenset(shown.items())
            data = written.get(key)
            if data is None:
                data = written[key] = write(fact_shown(fact, shown))
            found.append(data)
        return found

    def _shown(
        self,
        fact: Fact,
        always: Shown | None,
        incidents: Mapping[int, Incident],
        codes: Mapping[int, str],
        at: int,
    ) -> Shown | None:
        thing = thing_of(fact.type)
        if thing is None:
            return {} if fact.type.partition(".")[0] in OF_ALL else None
        if thing is Thing.TIMELINE:
            shown = always if always is not None else self._of_incident(fact, incidents, at)
            return shown if Thing.TIMELINE in shown else None
        about = NOTHING
        if thing is Thing.UNIT:
            about = about_unit(self._house.pack, codes.get(fact.stream, ""), self.who.unit)
        grant = self._policy.decide(self.who, thing, Action.READ, self._purposes[thing], about, at)
        return {thing: grant.fields} if grant is not None else None

    def _of_incident(self, fact: Fact, incidents: Mapping[int, Incident], at: int) -> Shown:
        incident = incidents.get(fact.stream)
        if incident is None:
            return {}
        about = about_incident(incident, self._house.pack.public_types)
        if fact.type in _LEAVING:
            about = replace(about, units=(*about.units, fact.body.unit))  # type: ignore[attr-defined]
        return self._shown_of(about, at)


def streams_of(facts: Sequence[Fact]) -> list[int]:
    """Streams whose incident says who may see these facts."""
    return sorted({each.stream for each in facts if thing_of(each.type) is Thing.TIMELINE})
