"""Keys of partners' programs: issued for some scopes and a time, shown once, revoked."""

from __future__ import annotations

import re
from typing import Any

from huying.base.refusal import Refusal
from huying.domain import office as c
from huying.domain import office_facts as f
from huying.domain.account import KEY_MAX, SCOPES, by_key, by_key_name
from huying.service.work import Work

NAME = re.compile(r"\w[\w.-]{0,39}")
HASH = re.compile(r"[0-9a-f]{64}")


def issue_key(work: Work, command: c.IssueKey) -> dict[str, Any]:
    if not NAME.fullmatch(command.name):
        raise Refusal("wrong_form", field="name", expected=NAME.pattern)
    if work.behind(by_key_name(command.name)):
        raise Refusal("key_taken", name=command.name)
    if not HASH.fullmatch(command.hash) or work.behind(by_key(command.hash)):
        raise Refusal("wrong_form", field="hash", expected=HASH.pattern)
    scopes = tuple(sorted(set(command.scopes)))
    unknown = next((each for each in scopes if each not in SCOPES), "")
    if unknown:
        raise Refusal("unknown_code", field="scopes", code=unknown[:40])
    if not scopes:
        raise Refusal("missing_field", field="scopes")
    if command.agency and command.agency not in work.pack.agencies:
        raise Refusal("unknown_code", field="agency", code=command.agency[:40])
    if not work.at < command.until <= work.at + KEY_MAX:
        raise Refusal("key_time", days=KEY_MAX // 86_400_000_000)
    body = f.KeyIssued(
        name=command.name,
        hash=command.hash,
        scopes=scopes,
        until=command.until,
        agency=command.agency,
    )
    return {"key": work.begin(body).stream, "until": command.until}


def revoke_key(work: Work, command: c.RevokeKey) -> dict[str, Any]:
    key = work.partner_key(command.key)
    if key.revoked_at:
        raise Refusal("key_revoked", name=key.name)
    work.under(key, f.KeyRevoked(why=command.why[:500]))
    return {"key": key.id}
