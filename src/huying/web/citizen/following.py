"""`/follow`: where a call stands, by its code; and the caller's yes or no to “is it solved?”."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router, get, post
from msgspec import Struct
from msgspec.structs import replace

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.domain.commands import AnswerFollowUp
from huying.edge.asker import Asker
from huying.edge.desk import Desk
from huying.edge.origin import same_origin
from huying.web.answers import address_of
from huying.web.citizen.draft import KEY, WORDS_MAX
from huying.web.citizen.look import Look, look_of
from huying.web.citizen.page import OPT, Fault, answer_calmly, fault_of, lead, page
from huying.web.citizen.photos import FORM_MAX, take, tokens_of
from huying.web.citizen.story import Teller
from huying.web.params import Here, Name

CODE_MAX = 40
RATINGS = ("5", "4", "3", "2", "1")
ANSWERS = ("yes", "no")


class Given(Struct, frozen=True):
    """What the form of the answer holds."""

    solved: str = ""
    rating: str = ""
    words: str = ""
    photos: str = ""
    key: str = ""

    @property
    def pictures(self) -> tuple[str, ...]:
        return tokens_of(self.photos)


def shown_code(code: str) -> str:
    """As it is read out and written down: 4, 3 and 3 digits."""
    return " ".join((code[:4], code[4:7], code[7:])).strip()


def bare_code(typed: str) -> str:
    """The digits of what was typed; full-width ones count."""
    return "".join(str(int(each)) for each in typed[:CODE_MAX] if each.isdecimal())


@get("/follow", include_in_schema=False, opt=OPT)
async def ask_for_code(request: Request[Any, Any, Any], desk: Here) -> Response[bytes]:
    """The code is asked for, or leads on where it was typed."""
    look, asked = look_of(request.scope, desk), request.query_params
    if said := asked.get("look", ""):
        return lead("/follow", desk, look.changed(said), keep=True)
    typed = asked.get("code", "")
    if typed and (code := bare_code(typed)):
        return lead(f"/follow/{code}", desk, look)
    fault = Fault(desk.word("citizen.fault.code", look.lang), field="code") if "code" in asked else None
    return page("code", desk, look, 422 if fault else 200, fault=fault, typed=typed, here="/follow")


@get("/follow/{code:str}", include_in_schema=False, opt=OPT)
async def follow(request: Request[Any, Any, Any], desk: Here, code: Name) -> Response[bytes]:
    """`?new=1` after sending; `?answer=yes` or `no` asks the one question that belongs to it."""
    look, asked = look_of(request.scope, desk), request.query_params
    if said := asked.get("look", ""):
        back = f"/follow/{bare_code(code)}{'?new=1' if 'new' in asked else ''}"
        return lead(back, desk, look.changed(said), keep=True)
    return await _told(request, desk, look, code, asked.get("answer", ""), new="new" in asked)


async def _told(
    request: Request[Any, Any, Any],
    desk: Desk,
    look: Look,
    code: str,
    answer: str = "",
    new: bool = False,
    fault: Fault | None = None,
    given: Given | None = None,
    keep: bool = False,
) -> Response[bytes]:
    teller = Teller(desk.public_view(Asker(look.lang)), look.lang)
    code = bare_code(code)
    try:
        story = await desk.ask(teller.story, code, address_of(request.scope))
    except Refusal as refusal:
        if refusal.code != "not_found":
            raise
        says = Fault(desk.word("citizen.fault.unknown", look.lang), field="code")
        return page("code", desk, look, 404, fault=says, typed=code, here="/follow")
    open_to = answer in ANSWERS and (story.question or story.again)
    scam = desk.pack.scams.get(request.query_params.get("scam", ""))
    return page(
        "answer" if open_to else "follow",
        desk,
        look,
        422 if fault else 200,
        keep,
        story=story,
        code=code,
        code_shown=shown_code(code),
        new=new,
        answer=answer,
        ratings=RATINGS,
        given=given or Given(),
        key=(given.key if given else "") or desk.chance.bytes(16).hex(),
        thanks=request.query_params.get("thanks", "") in ANSWERS and request.query_params["thanks"],
        scam_says=say(scam.say, look.lang) if scam else "",
        fault=fault,
        draft=open_to,
        here=f"/follow/{code}{'?new=1' if new else ''}",
    )


@post("/follow/{code:str}", include_in_schema=False, status_code=200, opt=OPT, request_max_body_size=FORM_MAX)
async def answered(request: Request[Any, Any, Any], desk: Here, code: Name) -> Response[bytes]:
    """A yes closes, a no opens it again; sent twice it counts once."""
    same_origin(request.scope, desk.settings)
    look, form = look_of(request.scope, desk), await request.form()
    given = Given(**{name: str(form.get(name, "")) for name in Given.__struct_fields__})
    photos, unfit = await take(form, desk, look, address_of(request.scope), given.pictures)
    given = replace(given, photos=" ".join(photos))
    if (go := str(form.get("go", ""))).startswith("look:"):
        return await _told(request, desk, look.changed(go[5:]), code, given.solved, given=given, keep=True)
    fault = unfit or _fault_in(given, desk, look)
    if fault is not None:
        return await _told(request, desk, look, code, given.solved, fault=fault, given=given)
    key = given.key if KEY.fullmatch(given.key) else ""
    view = desk.public_view(Asker(look.lang, key=key).as_actor("caller"))
    call, _ = await desk.ask(view.own_call, bare_code(code), address_of(request.scope))
    command = AnswerFollowUp(
        incident=call.incident,
        solved=given.solved == "yes",
        rating=int(given.rating) if given.rating in RATINGS else 0,
        words=given.words.strip(),
        photos=given.pictures,
    )
    try:
        await view.do_own(command)
    except Refusal as refusal:
        if refusal.code not in ("already_answered", "key_reused"):
            says = fault_of(refusal, look.lang)
            if refusal.code == "photo_gone":
                given = replace(given, photos="")
            return await _told(request, desk, look, code, given.solved, fault=says, given=given)
    return lead(f"/follow/{bare_code(code)}?thanks={given.solved}", desk, look)


def _fault_in(given: Given, desk: Desk, look: Look) -> Fault | None:
    if given.solved not in ANSWERS:
        return Fault(desk.word("citizen.fault.solved", look.lang))
    many = len(given.words)
    if many > WORDS_MAX:
        says = desk.word("citizen.fault.long", look.lang, many=many, limit=WORDS_MAX)
        return Fault(says, field="words")
    return None


ROUTES = Router(
    "/", route_handlers=[ask_for_code, follow, answered], exception_handlers={Exception: answer_calmly}
)
