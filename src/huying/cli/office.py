"""What `huying people`, `huying keys` and the first start share, beside a running server."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from huying.base.refusal import Refusal
from huying.bootstrap import Installation, open_house
from huying.config import Config
from huying.domain.account import Account, by_code
from huying.domain.commands import Command, Envelope
from huying.domain.office import IssueLink, OpenAccount
from huying.domain.principal import Role
from huying.edge.secrets import hash_of, new_secret

# Under this name the first administrator comes in; they may open an account in their own name then.
FIRST = "admin"


def actor() -> str:
    """Who sits at the machine, for the record."""
    try:
        return f"console:{getpass.getuser()}"[:80]
    except (KeyError, OSError):
        return "console"


@contextmanager
def office(store: str, pack: str) -> Iterator[Installation]:
    """The installation, open for a moment; a server that runs on the same store goes on."""
    installation = open_house(store, pack, adopt=False)
    try:
        yield installation
    finally:
        installation.close()


def do(installation: Installation, command: Command) -> dict[str, Any]:
    envelope = Envelope(command, actor=actor(), purpose="office")
    with installation.engine.transaction((envelope,)) as transaction:
        answer: dict[str, Any] = transaction.execute(envelope).answer
    return answer


def account_of(installation: Installation, code: str) -> Account:
    found: Account | None = installation.questions.account_by(by_code(code))
    if found is None:
        raise Refusal("no_such_account", code=code[:40])
    return found


def issue_link(installation: Installation, account: int) -> str:
    """The secret of a new set-up link."""
    secret = new_secret(installation.chance)
    do(installation, IssueLink(account=account, hash=hash_of(secret)))
    return secret


def link_address(secret: str, root: str) -> str:
    """What is opened in a browser. The secret stands behind `#`, so no server or proxy writes it in a log."""
    return f"{root.rstrip('/')}/set-up#{secret}"


def root_of(config: Config, port: int, scheme: str = "http") -> str:
    """The address that people open; on this machine by name, for passkeys belong to names."""
    return config.root_url or f"{scheme}://localhost:{port}"


def first_link(installation: Installation) -> str:
    """While no administrator can come in: a link for the first one. Nothing otherwise."""
    chiefs = [
        each
        for each in installation.questions.accounts()
        if each.role is Role.ADMINISTRATOR and not each.closed_at and not each.demo
    ]
    if any(each.passkeys or each.subject for each in chiefs):
        return ""
    if chiefs:
        return issue_link(installation, chiefs[0].id)
    told = do(installation, OpenAccount(code=FIRST, role=Role.ADMINISTRATOR))
    return issue_link(installation, told["account"])
