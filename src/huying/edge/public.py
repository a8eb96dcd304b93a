"""The house as everybody sees it: by a caller's code, or as the standard for open requests has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.domain import photo
from huying.domain.call import Call
from huying.domain.commands import Command, Envelope
from huying.domain.facts import Fact
from huying.domain.incident import Incident
from huying.domain.policy import About, Action, Purpose, Thing
from huying.domain.principal import PUBLIC, Kind
from huying.domain.suggestion import Understood
from huying.edge.asker import Asker
from huying.edge.view import Behind, View
from huying.privacy.redact import call_shown, incident_shown
from huying.service.questions import Page


class PublicView(View):
    """As everybody sees it: by a code that a caller was told, or as the standard for open requests has it.

    Who is signed in sees no more here than a citizen does.
    """

    def __init__(self, desk: Behind, asker: Asker) -> None:
        if asker.principal.kind is not Kind.PARTNER:
            asker = replace(asker, principal=PUBLIC)
        super().__init__(desk, replace(asker, purpose=Purpose.SERVE.value))

    def own_call(self, code: str, address: str) -> tuple[Call, Incident]:
        """The call that a caller's code belongs to, and its incident as the caller sees it."""
        call = self.desk.call_by_code(code, address)
        incident = self._questions.incident(call.incident)
        fields = self.grant(Thing.CALL, Action.FOLLOW, About(own=True)).fields
        shown = fields | {"work", "words"} - {"title", "place"}
        mine = replace(call_shown(call, fields, media=False), photos=call.photos)
        return mine, incident_shown(incident, shown, media=True)

    def own_photo(self, code: str, address: str, id: int) -> bytes:
        """A picture of the caller's own call, of the answer to it, or of their own answer."""
        call, incident = self.own_call(code, address)
        parts = (photo.ANSWER, photo.FOLLOW_UP)
        mine = [*call.photos, *(each for each in incident.photos if each.part in parts)]
        if not any(each.id == id for each in mine):
            raise Refusal("not_found", photo=id)
        return self.desk.pictures.unseal(id)

    async def do_own(self, command: Command) -> dict[str, Any]:
        """What a caller answers to their own call, whose code they have shown."""
        self.grant(Thing.CALL, Action.FOLLOW, About(own=True))
        return await self._do_as_decided(command)

    async def do_request(self, command: Command) -> dict[str, Any]:
        """What anybody adds to a public request, which was found by `requests`."""
        self.grant(Thing.REQUEST, Action.NOTE, About(public=True))
        return await self._do_as_decided(command)

    async def _do_as_decided(self, command: Command) -> dict[str, Any]:
        asker = self.asker
        envelope = Envelope(command, actor=asker.actor, purpose=asker.purpose, key=asker.key)
        answer: dict[str, Any] = (await self.desk.writer.do(envelope)).answer
        return answer

    # ── public requests ──────────────────────────────────────────────────────────────────────────────────
    def requests(self, ids: Sequence[int], channel: str) -> list[tuple[Call, Incident]]:
        """Calls of public types; what was said only of those that came by the public `channel`."""
        found = []
        for call in self._questions.calls(ids):
            incident = self._questions.incident(call.incident)
            grant = self.may(Thing.REQUEST, Action.READ, self.about(incident))
            if grant is not None:
                found.append(_request(call, incident, grant.fields, channel))
        return found

    def requests_received(
        self,
        since: int,
        until: int,
        cursor: str,
        limit: int,
        types: Sequence[str],
        status: Sequence[str] | None,
        channel: str,
    ) -> Page:
        among = self.among(Thing.REQUEST)
        page = self._questions.calls_received(since, until, cursor, limit, types, status, among)
        fields = self.grant(Thing.REQUEST, Action.READ, About(public=True)).fields
        return Page([_request(call, at, fields, channel) for call, at in page.items], page.next)

    def request_facts(self, after: int, limit: int, kinds: frozenset[str]) -> tuple[list[Fact], int, int]:
        """(facts of these types, the last `seq` looked at, its instant): what became of public requests."""
        self.ever(Thing.REQUEST)
        facts = self._questions.facts(after, limit)
        if not facts:
            return [], after, 0
        return [each for each in facts if each.type in kinds], facts[-1].seq, facts[-1].at

    def request_of(self, stream: int) -> Incident | None:
        """The incident of a public request; None for one that is not public."""
        incident = self._questions.incident(stream)
        grant = self.may(Thing.REQUEST, Action.READ, self.about(incident))
        return incident_shown(incident, frozenset({"outline", "work", "words"})) if grant else None

    def alike(self, understood: Understood) -> list[Incident]:
        """Public incidents, not finished, that a call so understood may be about as well, likeliest first.

        Raises:
            Refusal: `not_allowed` where a city has narrowed what everybody may see.
        """
        chosen = self._alike(understood, Thing.REQUEST, staff=False)
        fields = self.grant(Thing.REQUEST, Action.READ, About(public=True)).fields
        return [incident_shown(each, fields & {"outline"} | {"place"}) for each, _ in chosen]

    def head(self) -> int:
        return self._questions.head().seq


def _request(call: Call, incident: Incident, fields: frozenset[str], channel: str) -> tuple[Call, Incident]:
    public = call.channel == channel and "words" in fields
    of_call = frozenset({"outline", "place", *(("words",) if public else ())})
    of_incident = frozenset({"outline", "place", "work", "words"})
    return call_shown(call, of_call, media=public), incident_shown(incident, of_incident)
