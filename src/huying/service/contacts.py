"""Looking at how a caller can be reached, and erasing it. Every look is a fact."""

from __future__ import annotations

from typing import Any

from huying.base.refusal import Refusal
from huying.domain import facts as f
from huying.domain.commands import EraseContact, OpenContact
from huying.service.work import Work


def open_contact(work: Work, command: OpenContact) -> dict[str, Any]:
    """Unseal a contact of one of the incident's calls."""
    incident = work.incident(command.incident, command.version)
    if not any(work.call(id).contact == command.contact for id in incident.calls):
        raise Refusal("not_found", noun="contact", id=command.contact)
    contact = _unseal(work, command.contact)
    work.on(incident, f.ContactOpened(contact=command.contact))
    return {
        "incident_id": incident.id,
        "contact": {
            "name": contact.name,
            "phone": contact.phone,
            "email": contact.email,
            "lang": contact.lang,
            "account": contact.account,
        },
    }


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
