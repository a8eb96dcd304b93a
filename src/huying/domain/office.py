"""Commands of the office: accounts, passkeys, sessions, duty, partners' keys. Handlers are in the service.

`hash` is always the SHA-256 (hex) of a secret that was made where it was handed out; no command holds one.
"""

from __future__ import annotations

from huying.domain.commands import Command


class OpenAccount(Command, frozen=True, kw_only=True):
    """`code` is the name in facts; `role` see `Role`; `subject` is "issuer subject" at a city's accounts."""

    code: str
    role: str
    name: str = ""
    agency: str = ""
    areas: tuple[str, ...] = ()
    unit: str = ""
    subject: str = ""
    demo: bool = False


class OnAccount(Command, frozen=True, kw_only=True):
    account: int


class ChangeAccount(OnAccount, frozen=True, kw_only=True):
    """What is None stays as it is. The person's sessions go on under the new role."""

    role: str | None = None
    name: str | None = None
    agency: str | None = None
    areas: tuple[str, ...] | None = None
    unit: str | None = None
    subject: str | None = None


class CloseAccount(OnAccount, frozen=True, kw_only=True):
    """Nobody acts under it any more: its sessions end, its passkeys stay known but open nothing."""

    why: str


class ReopenAccount(OnAccount, frozen=True, kw_only=True):
    why: str


class IssueLink(OnAccount, frozen=True, kw_only=True):
    """A link with which one passkey can be set up, once; the one before it is void."""

    hash: str


class AddPasskey(OnAccount, frozen=True, kw_only=True):
    """`link` (hash) when it is set up by a link, which is used up by it; empty by who is signed in."""

    credential: str
    public_key: str
    name: str = ""
    count: int = 0
    synced: bool = False
    link: str = ""


class RemovePasskey(OnAccount, frozen=True, kw_only=True):
    credential: str
    why: str = ""


class BeginSession(OnAccount, frozen=True, kw_only=True):
    """`how`: passkey, oidc or demo; with a passkey its `credential` and the authenticator's `count`."""

    hash: str
    how: str
    credential: str = ""
    count: int = 0
    agent: str = ""
    address: str = ""


class OnSession(OnAccount, frozen=True, kw_only=True):
    session: int


class ProvePresence(OnSession, frozen=True, kw_only=True):
    """The person is there: the session is unlocked, and with `elevate` sealed data is open for a moment."""

    elevate: bool = False
    credential: str = ""
    count: int = 0


class LockSession(OnSession, frozen=True, kw_only=True):
    """`how`: by_hand or idle."""

    how: str = "by_hand"


class EndSession(OnSession, frozen=True, kw_only=True):
    """`how`: signed_out, revoked (from another session) or lost (by an administrator)."""

    how: str = "signed_out"


class EndOtherSessions(OnSession, frozen=True, kw_only=True):
    """All of the account's sessions end but this one."""


class BeginDuty(OnSession, frozen=True, kw_only=True):
    """Take up a shift; empty takes the one that runs now."""

    shift: str = ""


class EndDuty(OnSession, frozen=True, kw_only=True):
    """Duty ends and the session with it."""


class NoteRefusal(Command, frozen=True, kw_only=True):
    """Somebody was not let in. `how` is the way they tried, `why` the refusal's code; `account` 0 unknown."""

    how: str
    why: str
    account: int = 0
    address: str = ""


class IssueKey(Command, frozen=True, kw_only=True):
    """`until` UTC µs."""

    name: str
    hash: str
    scopes: tuple[str, ...]
    until: int
    agency: str = ""


class RevokeKey(Command, frozen=True, kw_only=True):
    key: int
    why: str = ""


class NoteSeen(Command, frozen=True, kw_only=True):
    """When sessions and keys were last used: id → UTC µs. No fact: who pressed a key when is nobody's."""

    seen: dict[int, int]
