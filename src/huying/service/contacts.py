"""Looking at how a caller can be reached, and erasing it. Every look is a fact."""

from __future__ import annotations

from typing import Any

from huying.base.refusal import Refusal
from huying.domain import facts as f
from huying.domain.commands import EraseContact, OpenContact
from huying.domain.contact import Contact
from huying.domain.glass import Wish
from huying.domain.incident import Incident
from huying.domain.oversight_facts import ContactWished
from huying.domain.policy import FIELDS, Thing
from huying.service.oversight import AGREED_FOR
from huying.service.work import Work

# Wishes of one incident: a second person who never comes is no reason to ask for ever.
WISHES_MAX = 100


def open_contact(work: Work, command: OpenContact) -> dict[str, Any]:
    """Unseal a contact of one of the incident's calls, as far as the rule shows it.

    Where the rule asks for a second person, the first request is a wish (`waiting` is its number); when
    somebody else has agreed, the same request opens, once.
    """
    incident = work.incident(command.incident, command.version)
    if not any(work.call(id).contact == command.contact for id in incident.calls):
        raise Refusal("not_found", noun="contact", id=command.contact)
    grant = work.grant
    wish = _wish(work, incident, command.contact) if grant is not None and grant.second else None
    if grant is not None and grant.second and (wish is None or not wish.agreed_by):
        n = wish.n if wish is not None else _begin_wish(work, incident, command.contact)
        return {"incident_id": incident.id, "waiting": n, "version": incident.version}
    contact = _unseal(work, command.contact)
    work.on(
        incident,
        f.ContactOpened(
            contact=command.contact,
            rule=" ".join(grant.rules) if grant is not None else "",
            second=wish.agreed_by if wish is not None else "",
            wish=wish.n if wish is not None else 0,
        ),
    )
    shown = grant.fields if grant is not None else FIELDS[Thing.CONTACT]
    fields = {name: getattr(contact, name) if name in shown else "" for name in Contact.__struct_fields__}
    return {"incident_id": incident.id, "contact": fields}


def _wish(work: Work, incident: Incident, contact: int) -> Wish | None:
    """The asker's own wish that still stands for this contact and purpose."""
    for each in incident.wishes:
        mine = (each.actor, each.contact, each.purpose) == (work.actor, contact, work.purpose)
        if mine and not each.used and work.at < each.until:
            return each
    return None


def _begin_wish(work: Work, incident: Incident, contact: int) -> int:
    n = len(incident.wishes) + 1
    if n > WISHES_MAX:
        raise Refusal("too_many")
    work.on(incident, ContactWished(n=n, contact=contact, until=work.at + AGREED_FOR))
    return n


def erase_contact(work: Work, command: EraseContact) -> dict[str, Any]:
    if not command.why.strip():
        raise Refusal("reason_needed", field="why")
    _unseal(work, command.contact)
    work.erase(command.contact, f.ContactErased(why=command.why[:500]))
    return {"contact": command.contact}


def _unseal(work: Work, id: int) -> Any:
    if id in work.batch.erased:
        raise Refusal("contact_erased", id=id)
    return work.batch.sealed.get(id) or work.store.open_contact(id)
