"""Forms and queries: fields by name, and the pieces of a request that are checked the same way everywhere."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from huying.base.refusal import Refusal
from huying.channels.open311.faults import Fault
from huying.domain.contact import Contact
from huying.domain.pack import IncidentType, Pack
from huying.edge.instants import from_iso
from huying.edge.settings import Settings

Fields = Mapping[str, str]

# The standard allows descriptions of 4,000 characters; other fields are names and links.
DESCRIPTION_MAX = 4_000
FIELD_MAX = 500
FIELDS_MAX = 200

_ATTRIBUTE = re.compile(r"attribute\[([^\]\[]{1,60})\](?:\[[^\]]*\])?")


def read_form(raw: bytes) -> dict[str, str]:
    """`application/x-www-form-urlencoded` in UTF-8 → fields; the values of a repeated field are joined by
    commas.

    Raises:
        Fault: 400 for another encoding, too many fields, or one that is too long.
    """
    try:
        pairs = parse_qsl(
            raw.decode("utf-8"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except UnicodeDecodeError:
        raise Fault(400, "the form must be encoded in UTF-8") from None
    except ValueError:
        raise Fault(400, f"a form has at most {FIELDS_MAX} fields") from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        attribute = _ATTRIBUTE.fullmatch(name)
        if attribute:
            name = f"attribute[{attribute[1]}]"
        value = value.replace("\0", "�").strip()
        fields[name] = f"{fields[name]},{value}" if name in fields and value else value
    for name, value in fields.items():
        limit = DESCRIPTION_MAX if name == "description" else FIELD_MAX
        if len(value) > limit:
            raise Fault(400, f"{name[:60]} is longer than {limit} characters")
    return fields


def check_jurisdiction(fields: Fields, settings: Settings, pack: Pack) -> None:
    """This endpoint serves one jurisdiction, so that naming it is optional; another's name is not found."""
    named = fields.get("jurisdiction_id", "")
    if named and named not in (settings.open311_jurisdiction or pack.name, pack.name):
        raise Fault(404, "jurisdiction_id provided was not found")


def check_key(fields: Fields, settings: Settings) -> None:
    if settings.open311_keys and fields.get("api_key", "") not in settings.open311_keys:
        raise Fault(403, "api_key is missing or was not accepted")


def point_of(fields: Fields) -> tuple[float, float] | None:
    """`lat` and `long` in degrees (WGS-84); None when neither is given."""
    lat, lon = fields.get("lat", ""), fields.get("long", "")
    if not lat and not lon:
        return None
    try:
        point = float(lat), float(lon)
    except ValueError:
        raise Fault(400, "lat and long must both be numbers") from None
    if not all(map(math.isfinite, point)) or abs(point[0]) > 90 or abs(point[1]) > 180:
        raise Fault(400, "lat must lie within -90…90 and long within -180…180")
    return point


def answers_of(fields: Fields, kind: IncidentType, pack: Pack) -> dict[str, str]:
    """`attribute[code]` of the type's questions; a required one must be there."""
    answers = {}
    for code in kind.questions:
        value = fields.get(f"attribute[{code}]", "")
        if value:
            answers[code] = value
        elif pack.questions[code].required:
            raise Fault(400, f"attribute[{code}] was not provided")
    return answers


def contact_of(fields: Fields, lang: str) -> Contact | None:
    name = " ".join(part for key in ("first_name", "last_name") if (part := fields.get(key, "")))
    phone, email, account = (fields.get(key, "") for key in ("phone", "email", "account_id"))
    if not (name or phone or email or account):
        return None
    return Contact(name=name, phone=phone, email=email, lang=lang, account=account)


def instant_of(fields: Fields, name: str, pack: Pack) -> int:
    """A time of the query as UTC µs, 0 when it is not given; without a zone it is the city's own."""
    text = fields.get(name, "")
    if not text:
        return 0
    try:
        return from_iso(text, name, pack.worktime.zone)
    except Refusal:
        raise Fault(400, f"{name} is not a time in the W3C format, such as 2010-01-01T00:00:00Z") from None
