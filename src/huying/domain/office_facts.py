"""Facts of the office: accounts, passkeys, sessions, duty, partners' keys. No secret, only hashes."""

from __future__ import annotations

from huying.domain.payload import Payload


class AccountOpened(Payload, frozen=True):
    code: str
    role: str
    name: str = ""
    agency: str = ""
    areas: tuple[str, ...] = ()
    unit: str = ""
    subject: str = ""
    demo: bool = False


class AccountChanged(Payload, frozen=True):
    """All of it as it is from now on."""

    role: str
    name: str = ""
    agency: str = ""
    areas: tuple[str, ...] = ()
    unit: str = ""
    subject: str = ""


class AccountClosed(Payload, frozen=True):
    why: str


class AccountReopened(Payload, frozen=True):
    why: str


class LinkIssued(Payload, frozen=True):
    """A link to set up one passkey; `hash` (hex) of what is in it."""

    hash: str
    until: int


class PasskeyAdded(Payload, frozen=True):
    """`credential` and `public_key` are base64url; `by_link` tells that a set-up link was used up."""

    credential: str
    public_key: str
    name: str = ""
    count: int = 0
    synced: bool = False
    by_link: bool = False


class PasskeyRemoved(Payload, frozen=True):
    credential: str
    why: str = ""


class SessionBegun(Payload, frozen=True):
    """On the stream of the account; its own `seq` is the session's id. `how` see `Session`."""

    hash: str
    how: str
    until: int
    credential: str = ""
    count: int = 0
    agent: str = ""
    address: str = ""


class PresenceProven(Payload, frozen=True):
    """The person was there; `until` > 0: sealed data was open to the session until then."""

    session: int
    until: int = 0
    credential: str = ""
    count: int = 0


class SessionLocked(Payload, frozen=True):
    session: int
    how: str


class SessionEnded(Payload, frozen=True):
    """`how`: signed_out, revoked, lost, off_duty, closed_account, crowded (a newer one took its place)."""

    session: int
    how: str


class DutyBegun(Payload, frozen=True):
    session: int
    shift: str
    until: int


class SignInRefused(Payload, frozen=True):
    """On a stream of its own. `account` 0: of nobody we know; what was typed is kept nowhere."""

    how: str
    why: str
    account: int = 0
    address: str = ""


class KeyIssued(Payload, frozen=True):
    name: str
    hash: str
    scopes: tuple[str, ...]
    until: int
    agency: str = ""


class KeyRevoked(Payload, frozen=True):
    why: str = ""


OFFICE: dict[str, type[Payload]] = {
    "account.opened": AccountOpened,
    "account.changed": AccountChanged,
    "account.closed": AccountClosed,
    "account.reopened": AccountReopened,
    "account.link_issued": LinkIssued,
    "passkey.added": PasskeyAdded,
    "passkey.removed": PasskeyRemoved,
    "session.begun": SessionBegun,
    "session.present": PresenceProven,
    "session.locked": SessionLocked,
    "session.ended": SessionEnded,
    "duty.begun": DutyBegun,
    "sign_in.refused": SignInRefused,
    "key.issued": KeyIssued,
    "key.revoked": KeyRevoked,
}
