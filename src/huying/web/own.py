"""One's own account, to the session that asks: found, and changed by the door itself."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.account import Account, by_code
from huying.domain.commands import Command
from huying.edge.desk import Desk
from huying.edge.visitor import SCOPE, Visitor
from huying.web.answers import answer
from huying.web.sign_in import as_system


class Done(Struct, frozen=True):
    """Until when the session goes on, and sealed data is open to it (0 for not), in UTC µs."""

    until: int = 0
    elevated_until: int = 0
    shift: str = ""


def visitor_with_session(request: Request[Any, Any, Any]) -> Visitor:
    """Who asks, with a session; a partner's key has none."""
    visitor: Visitor = request.scope[SCOPE]  # type: ignore[literal-required]
    if not visitor.session:
        raise Refusal("people_only")
    return visitor


async def account_of(desk: Desk, visitor: Visitor) -> Account:
    account: Account | None = await desk.ask(desk.questions.account_by, by_code(visitor.principal.actor))
    if account is None:
        raise Refusal("session_over")
    return account


async def do(desk: Desk, visitor: Visitor, command: Command) -> Response[bytes]:
    told = await as_system(desk, command, visitor.principal.actor)
    desk.door.forget(visitor.account)
    return answer(Done(told.get("until", 0), told.get("elevated_until", 0), told.get("shift", "")))


async def leave(desk: Desk, visitor: Visitor, command: Command) -> Response[bytes]:
    """The browser forgets the cookie and what it has loaded; not its storage, in which the unit's phone keeps
    what it has still to tell."""
    done = await do(desk, visitor, command)
    done.headers["set-cookie"] = desk.door.drop_cookie()
    done.headers["clear-site-data"] = '"cache"'
    return done


def must_be_present(desk: Desk, visitor: Visitor) -> None:
    """Who finds a screen open must not be able to make it their own, nor to turn its owner out."""
    if not visitor.principal.elevated(desk.clock.now()):
        raise Refusal("presence_needed")
