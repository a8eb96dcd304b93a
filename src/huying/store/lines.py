"""Lines of lists, from the state of an incident."""

from __future__ import annotations

from huying.domain.incident import Incident
from huying.domain.statuses import ReferralStatus
from huying.service.questions import IncidentLine, ReferralLine

_HANDED_BACK = (ReferralStatus.RETURNED, ReferralStatus.WITHDRAWN)


def incident_line(incident: Incident) -> IncidentLine:
    """`agencies` have a part in it (were not handed back from), `units` are on it now, `next_due` is the
    earliest promise still running (0 for none)."""
    place = incident.place
    names = [each.agency for each in incident.referrals if each.status not in _HANDED_BACK]
    names += [each.agency for each in incident.assignments]
    return IncidentLine(
        id=incident.id,
        status=incident.status.value,
        type=incident.type,
        priority=incident.priority,
        title=incident.title,
        opened_at=incident.opened_at,
        changed_at=incident.changed_at,
        lat=place.lat,
        lon=place.lon,
        address=place.address,
        agencies=tuple(dict.fromkeys(names)),
        units=tuple(each.unit for each in incident.assignments if each.running),
        calls=len(incident.calls),
        next_due=min(
            (each.due for each in incident.deadlines if not each.key.startswith("glass")), default=0
        ),
        escalations=incident.escalations,
        duty_desk=incident.duty_desk,
        version=incident.version,
        backup_at=incident.backup_at,
    )


def referral_line(incident: Incident, n: int) -> ReferralLine:
    referral = next(each for each in incident.referrals if each.n == n)
    return ReferralLine(
        incident=incident.id,
        n=n,
        agency=referral.agency,
        status=referral.status.value,
        offered_at=referral.offered_at,
        accept_due=referral.accept_due,
        due=referral.due,
        ended_at=referral.ended_at,
        type=incident.type,
        priority=incident.priority,
        title=incident.title,
        escalations=incident.escalations,
        address=incident.place.address,
    )
