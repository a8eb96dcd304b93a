"""Accounts of staff with their passkeys and sessions, and the keys of partners' programs: state, no secret.

A secret is a random value of 256 bits that its holder alone has; here stands its SHA-256, which tells nobody
what it was. A passkey's public key is no secret at all.
"""

from __future__ import annotations

from msgspec import Struct

from huying.base.clock import DAY, HOUR, MINUTE
from huying.domain.principal import Duty, Kind, Principal, Role

# Twelve hours of the longest shift, an hour before and one after for handing over.
SESSION_MAX = 14 * HOUR
# After the shift somebody still finishes what they are writing.
HAND_OVER = 30 * MINUTE
# A fresh proof of presence opens sealed data for so long: one look, not an afternoon.
ELEVATED = 5 * MINUTE
# A new passkey is set up by who was just handed the link; long enough for the night shift to come in.
LINK_MAX = 3 * DAY
# A telephone, a computer at the desk, a token in the safe, and as many old ones.
PASSKEYS_MAX = 8
# One desk, one telephone, one in the car; an older one ends when a sixth begins.
SESSIONS_MAX = 5
# A partner's key is renewed at least so often.
KEY_MAX = 400 * DAY

# Who works in shifts: they are on duty as soon as they sign in during one.
ON_SHIFT = frozenset({Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR, Role.UNIT})

# What a key may be for. Reading and working obey the same rules as staff of the key's agency would.
SCOPES = ("alerts", "calls", "read", "record", "wall", "work")


class Passkey(Struct, frozen=True, omit_defaults=True):
    """`id` and `public_key` (COSE) are base64url; `count` is the authenticator's own counter of signatures,
    0 for those that count nothing; `synced` tells that its maker may copy it between devices."""

    id: str
    public_key: str
    name: str
    added_at: int
    count: int = 0
    used_at: int = 0
    synced: bool = False


class Session(Struct, frozen=True, omit_defaults=True):
    """One signed-in browser: `id` is the seq of the fact that began it, `hash` (hex) that of its token.

    `how`: passkey, oidc or demo. `until` (UTC µs) ends it whatever happens; `present_at` is the last proof
    of presence; `locked_at` > 0: nothing but unlocking or signing out is possible.
    """

    id: int
    hash: str
    how: str
    begun_at: int
    until: int
    present_at: int
    locked_at: int = 0
    elevated_until: int = 0
    duty: Duty | None = None
    agent: str = ""
    address: str = ""


class Account(Struct, omit_defaults=True):
    """Under which one member of staff acts; `code` is the name in facts. `subject` is "issuer subject" at a
    city's own accounts (OIDC). `link` (hex) and `link_until` are of the set-up link that is out, if any."""

    id: int
    version: int
    code: str
    role: Role
    name: str = ""
    agency: str = ""
    areas: tuple[str, ...] = ()
    unit: str = ""
    subject: str = ""
    demo: bool = False
    closed_at: int = 0
    link: str = ""
    link_until: int = 0
    passkeys: tuple[Passkey, ...] = ()
    sessions: tuple[Session, ...] = ()

    def session(self, id: int) -> Session | None:
        return next((each for each in self.sessions if each.id == id), None)

    def passkey(self, id: str) -> Passkey | None:
        return next((each for each in self.passkeys if each.id == id), None)

    def principal(self, session: Session | None = None) -> Principal:
        """As rules see who acts under this account, in this session."""
        return Principal(
            actor=self.code,
            kind=Kind.STAFF,
            role=self.role,
            agency=self.agency,
            areas=frozenset(self.areas),
            unit=self.unit,
            duty=session.duty if session else None,
            demo=self.demo,
            elevated_until=session.elevated_until if session else 0,
        )


class PartnerKey(Struct, omit_defaults=True):
    """What a partner's program shows: `hash` (hex) of it, what it is for, and when it ends (UTC µs)."""

    id: int
    version: int
    name: str
    hash: str
    scopes: tuple[str, ...]
    until: int
    issued_at: int
    agency: str = ""
    revoked_at: int = 0

    def principal(self) -> Principal:
        return Principal(
            actor=f"partner:{self.name}",
            kind=Kind.PARTNER,
            agency=self.agency,
            scopes=frozenset(self.scopes),
        )


DEMO = "demo-"


def demo_code(role: Role) -> str:
    """The made-up person of a role in a demo county."""
    return f"{DEMO}{role.value}"


# ── names under which they are found; one table for all of them ─────────────────────────────────────────
def by_code(code: str) -> str:
    """Codes differ by more than the case of their letters."""
    return f"code {code.casefold()}"


def by_subject(subject: str) -> str:
    return f"subject {subject}"


def by_passkey(id: str) -> str:
    return f"passkey {id}"


def by_session(hash: str) -> str:
    return f"session {hash}"


def by_link(hash: str) -> str:
    return f"link {hash}"


def by_key(hash: str) -> str:
    return f"key {hash}"


def by_key_name(name: str) -> str:
    return f"partner {name.casefold()}"
