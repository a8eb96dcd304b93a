"""Accounts of staff: opened, changed, closed, and given the link by which their first passkey is set up."""

from __future__ import annotations

import re
from typing import Any

from huying.base.refusal import Refusal
from huying.domain import office as c
from huying.domain import office_facts as f
from huying.domain.account import LINK_MAX, PASSKEYS_MAX, Account, by_code, by_link, by_passkey, by_subject
from huying.domain.principal import Role
from huying.service.sessions import end_all
from huying.service.work import Work

# A badge number, a name in letters of any script, a desk: what stands behind every fact that they make.
CODE = re.compile(r"\w[\w.@-]{0,39}")
# Names in facts that are no person's.
RESERVED = frozenset({"anonymous", "caller", "clock", "installation", "console", "partner"})
HASH = re.compile(r"[0-9a-f]{64}")
NAME_MAX = 80
AREAS_MAX = 200
# A credential's id and public key as authenticators make them; RSA keys are the longest.
CREDENTIAL_MAX = 1_400
PUBLIC_KEY_MAX = 1_600
WHY_MAX = 500


def open_account(work: Work, command: c.OpenAccount) -> dict[str, Any]:
    code = command.code
    if not CODE.fullmatch(code) or code.casefold() in RESERVED:
        raise Refusal("wrong_form", field="code", expected=CODE.pattern)
    if work.behind(by_code(code)):
        raise Refusal("account_taken", code=code)
    _check_subject(work, command.subject, 0)
    body = f.AccountOpened(code=code, demo=command.demo, **_row(work, command))
    return {"account": work.begin(body).stream}


def change_account(work: Work, command: c.ChangeAccount) -> dict[str, Any]:
    account = work.account(command.account)
    wanted = c.OpenAccount(
        code=account.code,
        role=account.role if command.role is None else command.role,
        name=account.name if command.name is None else command.name,
        agency=account.agency if command.agency is None else command.agency,
        areas=account.areas if command.areas is None else command.areas,
        unit=account.unit if command.unit is None else command.unit,
        subject=account.subject if command.subject is None else command.subject,
    )
    row = _row(work, wanted)
    _check_subject(work, wanted.subject, account.id)
    if row["role"] != Role.ADMINISTRATOR:
        _keep_an_administrator(work, account)
    work.under(account, f.AccountChanged(**row))
    return {"account": account.id}


def close_account(work: Work, command: c.CloseAccount) -> dict[str, Any]:
    account = open_one(work, command.account)
    why = _why(command.why)
    _keep_an_administrator(work, account)
    end_all(work, account.id, "closed_account")
    work.under(work.account(account.id), f.AccountClosed(why=why))
    return {"account": account.id}


def reopen_account(work: Work, command: c.ReopenAccount) -> dict[str, Any]:
    account = work.account(command.account)
    if not account.closed_at:
        raise Refusal("account_open", code=account.code)
    work.under(account, f.AccountReopened(why=_why(command.why)))
    return {"account": account.id}


def issue_link(work: Work, command: c.IssueLink) -> dict[str, Any]:
    account = open_one(work, command.account)
    if account.demo:
        raise Refusal("demo_account", code=account.code)
    fresh(work, command.hash)
    until = work.at + LINK_MAX
    work.under(account, f.LinkIssued(hash=command.hash, until=until))
    return {"account": account.id, "until": until}


def add_passkey(work: Work, command: c.AddPasskey) -> dict[str, Any]:
    account = open_one(work, command.account)
    if command.link and (
        command.link != account.link
        or work.behind(by_link(command.link)) != account.id
        or account.link_until <= work.at
    ):
        raise Refusal("link_over")
    if not command.credential or len(command.credential) > CREDENTIAL_MAX:
        raise Refusal("too_long", field="credential", limit=CREDENTIAL_MAX)
    if not command.public_key or len(command.public_key) > PUBLIC_KEY_MAX:
        raise Refusal("too_long", field="public_key", limit=PUBLIC_KEY_MAX)
    if work.behind(by_passkey(command.credential)):
        raise Refusal("passkey_taken")
    if len(account.passkeys) >= PASSKEYS_MAX:
        raise Refusal("passkeys_many", limit=PASSKEYS_MAX)
    work.under(
        account,
        f.PasskeyAdded(
            credential=command.credential,
            public_key=command.public_key,
            name=_name(command.name, "name"),
            count=command.count,
            synced=command.synced,
            by_link=bool(command.link),
        ),
    )
    return {"account": account.id}


def remove_passkey(work: Work, command: c.RemovePasskey) -> dict[str, Any]:
    """Whoever lost a telephone removes its passkey; sessions go on, they are ended by themselves."""
    account = work.account(command.account)
    if account.passkey(command.credential) is None:
        raise Refusal("not_found", noun="passkey", id=command.credential[:20])
    work.under(account, f.PasskeyRemoved(credential=command.credential, why=command.why[:WHY_MAX]))
    return {"account": account.id}


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────
def open_one(work: Work, id: int) -> Account:
    """The account, if somebody may act under it."""
    account = work.account(id)
    if account.closed_at:
        raise Refusal("account_closed")
    return account


def fresh(work: Work, hash: str) -> None:
    """Refuse what is no hash of a new secret."""
    if not HASH.fullmatch(hash) or work.behind(by_link(hash)):
        raise Refusal("wrong_form", field="hash", expected=HASH.pattern)


def _row(work: Work, command: c.OpenAccount) -> dict[str, Any]:
    """The fields of an account, each checked against the pack."""
    pack = work.pack
    if len(command.areas) > AREAS_MAX:
        raise Refusal("too_long", field="areas", limit=AREAS_MAX)
    if command.role not in list(Role):
        raise Refusal("unknown_code", field="role", code=command.role[:40])
    for field, codes, rows in (
        ("agency", {command.agency} - {""}, pack.agencies.keys()),
        ("unit", {command.unit} - {""}, pack.units.keys()),
        ("areas", set(command.areas), pack.areas.keys()),
    ):
        if unknown := sorted(codes - rows):
            raise Refusal("unknown_code", field=field, code=unknown[0][:40])
    if command.role == Role.CLERK and not command.agency:
        raise Refusal("missing_field", field="agency")
    if command.role == Role.UNIT and not command.unit:
        raise Refusal("missing_field", field="unit")
    return {
        "role": command.role,
        "name": _name(command.name, "name"),
        "agency": command.agency,
        "areas": tuple(command.areas),
        "unit": command.unit,
        "subject": _name(command.subject, "subject", 400),
    }


def _name(text: str, field: str, limit: int = NAME_MAX) -> str:
    text = text.strip()
    if len(text) > limit:
        raise Refusal("too_long", field=field, limit=limit)
    if not text.isprintable():
        raise Refusal("bad_characters", field=field)
    return text


def _why(text: str) -> str:
    if not text.strip():
        raise Refusal("reason_needed", field="why")
    return text.strip()[:WHY_MAX]


def _check_subject(work: Work, subject: str, but: int) -> None:
    if subject and work.behind(by_subject(subject)) not in (0, but):
        raise Refusal("subject_taken")


def _keep_an_administrator(work: Work, account: Account) -> None:
    """Without one nobody could let anybody in again, but from the machine itself."""
    if account.role is not Role.ADMINISTRATOR:
        return
    for each in work.store.load_accounts():
        now = work.batch.accounts.get(each.id, each)
        if now.id != account.id and now.role is Role.ADMINISTRATOR and not now.closed_at:
            return
    raise Refusal("last_administrator")
