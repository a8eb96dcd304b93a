"""What one asker may do, by the table of rules: granted, in part, or refused with the rule in the way.

Nothing is read here; `stories` and `view` ask these questions before they show anything.
"""

from __future__ import annotations

import logging
from typing import Any, Protocol

from huying.base.clock import Clock
from huying.base.refusal import Refusal
from huying.domain.call import Call
from huying.domain.commands import Envelope
from huying.domain.incident import Incident
from huying.domain.pack import Pack
from huying.domain.policy import NOTHING, About, Action, Grant, Purpose, Thing
from huying.edge.asker import Asker
from huying.edge.looks import Looks
from huying.edge.pictures import Pictures
from huying.privacy.about import about_incident, pairs_of
from huying.service.permits import allowed, refused
from huying.service.ports import House
from huying.service.questions import Among, Questions

log = logging.getLogger("huying.policy")


class Writes(Protocol):
    async def do(self, envelope: Envelope) -> Any: ...


class Behind(Protocol):
    """What a view needs of the desk."""

    @property
    def house(self) -> House: ...
    @property
    def questions(self) -> Questions: ...
    @property
    def writer(self) -> Writes: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def looks(self) -> Looks: ...
    @property
    def pictures(self) -> Pictures: ...
    @property
    def pack(self) -> Pack: ...

    def call_by_code(self, code: str, address: str) -> Call: ...
    def word(self, key: str, lang: str, **params: Any) -> str: ...


class Deciding:
    """Made for one request."""

    def __init__(self, desk: Behind, asker: Asker) -> None:
        self.desk = desk
        self.asker = asker
        self.who = asker.principal
        self.at = desk.clock.now()
        self._policy = desk.house.policy
        self._questions = desk.questions

    def purpose(self, thing: Thing, action: Action) -> Purpose:
        """The purpose that the request names, or what such an asker usually does this for.

        Raises:
            Refusal: `purpose_unknown`.
        """
        named = self.asker.purpose
        if not named:
            return self._policy.usual_purpose(self.who, thing, action) or Purpose.ANSWER
        try:
            return Purpose(named)
        except ValueError:
            known = ", ".join(Purpose)
            raise Refusal("purpose_unknown", purpose=named, known=known) from None

    def grant(self, thing: Thing, action: Action, about: About) -> Grant:
        """Raises `not_allowed`."""
        purpose = self.purpose(thing, action)
        try:
            return allowed(self._policy, self.who, thing, action, purpose, about, self.at)
        except Refusal as refusal:
            raise self._noted(refusal) from None

    def may(self, thing: Thing, action: Action, about: About) -> Grant | None:
        purpose = self.purpose(thing, action)
        return self._policy.decide(self.who, thing, action, purpose, about, self.at)

    def could(self, thing: Thing, action: Action = Action.READ) -> bool:
        """Whether such an asker is ever allowed this, whatever it is about."""
        return self._policy.may_ever(self.who, thing, action, self.purpose(thing, action), self.at)

    def ever(self, thing: Thing, action: Action = Action.READ) -> Purpose:
        """Refuse at once who could never be allowed this, whatever it is about."""
        purpose = self.purpose(thing, action)
        if not self.could(thing, action):
            raise self._noted(refused(self._policy, self.who, thing, action, purpose, NOTHING, self.at))
        return purpose

    def _noted(self, refusal: Refusal) -> Refusal:
        """Put in the log who was refused what, for whoever watches for somebody trying doors."""
        told = refusal.params
        words = " ".join(f"{name}={told.get(name, '')}" for name in ("action", "thing", "purpose", "rule"))
        log.warning("refused: %s %s", self.asker.actor, words)
        return refusal

    def among(self, thing: Thing) -> Among:
        """What of a list may be seen, as the store takes it."""
        purpose = self.ever(thing)
        scope = self._policy.scope(self.who, thing, Action.READ, purpose, self.at)
        return pairs_of(scope, self.desk.pack.public_types)

    def about(self, incident: Incident) -> About:
        return about_incident(incident, self.desk.pack.public_types)

    def _fields(self, thing: Thing) -> tuple[frozenset[str], bool]:
        """(fields shown of everything in a list, whether no other is shown of anything)."""
        purpose = self.purpose(thing, Action.READ)
        return self._policy.fields_of_list(self.who, thing, Action.READ, purpose, self.at)
