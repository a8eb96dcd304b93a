"""Facts of accounts, sessions and partners' keys become state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec.structs import replace

from huying.domain import account as a
from huying.domain import office_facts as f
from huying.domain.account import Account, PartnerKey, Passkey, Session
from huying.domain.facts import Fact
from huying.domain.payload import Payload
from huying.domain.principal import Duty, Role


class Office(Protocol):
    """Where accounts and keys are found to be changed. `door` puts a name up (or, at 0, takes it down) under
    which the account or key with that id is found."""

    def account_to_change(self, id: int) -> Account: ...
    def add_account(self, account: Account) -> None: ...
    def key_to_change(self, id: int) -> PartnerKey: ...
    def add_key(self, key: PartnerKey) -> None: ...
    def door(self, name: str, id: int) -> None: ...


def _account(office: Office, fact: Fact) -> Account:
    account = office.account_to_change(fact.stream)
    account.version = fact.version
    return account


def _opened(office: Office, fact: Fact, body: f.AccountOpened) -> None:
    office.add_account(
        Account(
            id=fact.stream,
            version=fact.version,
            code=body.code,
            role=Role(body.role),
            name=body.name,
            agency=body.agency,
            areas=body.areas,
            unit=body.unit,
            subject=body.subject,
            demo=body.demo,
        )
    )
    office.door(a.by_code(body.code), fact.stream)
    if body.subject:
        office.door(a.by_subject(body.subject), fact.stream)


def _changed(office: Office, fact: Fact, body: f.AccountChanged) -> None:
    account = _account(office, fact)
    if account.subject != body.subject:
        if account.subject:
            office.door(a.by_subject(account.subject), 0)
        if body.subject:
            office.door(a.by_subject(body.subject), account.id)
    account.role = Role(body.role)
    account.name, account.agency, account.unit = body.name, body.agency, body.unit
    account.areas, account.subject = body.areas, body.subject


def _closed(office: Office, fact: Fact, body: f.AccountClosed) -> None:
    account = _account(office, fact)
    account.closed_at = fact.at
    _void_link(office, account)


def _reopened(office: Office, fact: Fact, body: f.AccountReopened) -> None:
    _account(office, fact).closed_at = 0


def _link_issued(office: Office, fact: Fact, body: f.LinkIssued) -> None:
    account = _account(office, fact)
    _void_link(office, account)
    account.link, account.link_until = body.hash, body.until
    office.door(a.by_link(body.hash), account.id)


def _void_link(office: Office, account: Account) -> None:
    if account.link:
        office.door(a.by_link(account.link), 0)
        account.link, account.link_until = "", 0


def _passkey_added(office: Office, fact: Fact, body: f.PasskeyAdded) -> None:
    account = _account(office, fact)
    if body.by_link:
        _void_link(office, account)
    passkey = Passkey(
        id=body.credential,
        public_key=body.public_key,
        name=body.name,
        added_at=fact.at,
        count=body.count,
        synced=body.synced,
    )
    account.passkeys = (*account.passkeys, passkey)
    office.door(a.by_passkey(passkey.id), account.id)


def _passkey_removed(office: Office, fact: Fact, body: f.PasskeyRemoved) -> None:
    account = _account(office, fact)
    account.passkeys = tuple(each for each in account.passkeys if each.id != body.credential)
    office.door(a.by_passkey(body.credential), 0)


def _used(account: Account, credential: str, count: int, at: int) -> None:
    if credential:
        account.passkeys = tuple(
            replace(each, count=count, used_at=at) if each.id == credential else each
            for each in account.passkeys
        )


def _session_begun(office: Office, fact: Fact, body: f.SessionBegun) -> None:
    account = _account(office, fact)
    for each in account.sessions:
        if each.until <= fact.at:  # over by the clock, which leaves no fact
            office.door(a.by_session(each.hash), 0)
    session = Session(
        id=fact.seq,
        hash=body.hash,
        how=body.how,
        begun_at=fact.at,
        until=body.until,
        present_at=fact.at,
        agent=body.agent,
        address=body.address,
    )
    account.sessions = (*(each for each in account.sessions if each.until > fact.at), session)
    office.door(a.by_session(body.hash), account.id)
    _used(account, body.credential, body.count, fact.at)


def _session(account: Account, id: int, **new: Any) -> None:
    account.sessions = tuple(replace(each, **new) if each.id == id else each for each in account.sessions)


def _present(office: Office, fact: Fact, body: f.PresenceProven) -> None:
    account = _account(office, fact)
    _session(account, body.session, present_at=fact.at, locked_at=0, elevated_until=body.until)
    _used(account, body.credential, body.count, fact.at)


def _locked(office: Office, fact: Fact, body: f.SessionLocked) -> None:
    _session(_account(office, fact), body.session, locked_at=fact.at, elevated_until=0)


def _session_ended(office: Office, fact: Fact, body: f.SessionEnded) -> None:
    account = _account(office, fact)
    session = account.session(body.session)
    if session is not None:
        office.door(a.by_session(session.hash), 0)
        account.sessions = tuple(each for each in account.sessions if each is not session)


def _duty_begun(office: Office, fact: Fact, body: f.DutyBegun) -> None:
    account = _account(office, fact)
    session = account.session(body.session)
    if session is not None:
        until = min(body.until + a.HAND_OVER, session.begun_at + a.SESSION_MAX)
        duty = Duty(shift=body.shift, since=fact.at, until=body.until)
        _session(account, session.id, duty=duty, until=until)


def _key_issued(office: Office, fact: Fact, body: f.KeyIssued) -> None:
    office.add_key(
        PartnerKey(
            id=fact.stream,
            version=fact.version,
            name=body.name,
            hash=body.hash,
            scopes=body.scopes,
            until=body.until,
            issued_at=fact.at,
            agency=body.agency,
        )
    )
    office.door(a.by_key(body.hash), fact.stream)
    office.door(a.by_key_name(body.name), fact.stream)


def _key_revoked(office: Office, fact: Fact, body: f.KeyRevoked) -> None:
    key = office.key_to_change(fact.stream)
    key.version, key.revoked_at = fact.version, fact.at
    office.door(a.by_key(key.hash), 0)
    office.door(a.by_key_name(key.name), 0)


def _on_record(office: Office, fact: Fact, body: Payload) -> None:
    """Only on record."""


EVOLVE_OFFICE: dict[type[Payload], Callable[[Any, Fact, Any], None]] = {
    f.AccountOpened: _opened,
    f.AccountChanged: _changed,
    f.AccountClosed: _closed,
    f.AccountReopened: _reopened,
    f.LinkIssued: _link_issued,
    f.PasskeyAdded: _passkey_added,
    f.PasskeyRemoved: _passkey_removed,
    f.SessionBegun: _session_begun,
    f.PresenceProven: _present,
    f.SessionLocked: _locked,
    f.SessionEnded: _session_ended,
    f.DutyBegun: _duty_begun,
    f.SignInRefused: _on_record,
    f.KeyIssued: _key_issued,
    f.KeyRevoked: _key_revoked,
}
