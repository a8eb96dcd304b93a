"""Cards for scams that may be going on: what to say now, what to ask, whose desk it goes to."""

from __future__ import annotations

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from huying.base.text import Text
from huying.domain.pack import Scam
from huying.web.answers import answer
from huying.web.params import Here


class ScamCard(Struct, frozen=True):
    """One kind. `say` is said to the caller at once; `ask` are questions by language; `desk` is the agency
    that speaks with the banks, to which the incident is offered without delay."""

    code: str
    desk: str
    name: Text
    say: Text
    ask: dict[str, list[str]]


@get("/api/scams", summary="What to say and ask when a scam may be going on", opt={"gives": list[ScamCard]})
async def scams(desk: Here) -> Response[bytes]:
    return answer([_card(each) for each in desk.pack.scams.values()])


def _card(each: Scam) -> ScamCard:
    asked = {lang: [one.strip() for one in words.split("|")] for lang, words in each.ask.items()}
    return ScamCard(each.code, each.desk, each.name, each.say, asked)


ROUTES: tuple[HTTPRouteHandler, ...] = (scams,)
