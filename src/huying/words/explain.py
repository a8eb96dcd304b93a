"""Codes become sentences: a refusal with what to do about it, and a fact for a timeline."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict

from huying.base.clock import SECOND
from huying.base.refusal import Refusal
from huying.base.text import Text, say
from huying.domain.account import DEMO
from huying.domain.facts import Erased, Escalated, Fact, NoteAdded
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.words import load_words


class Explained(Struct, frozen=True):
    """A refusal in one language: `sentence` says what happened, `todo` what the asker can do now."""

    code: str
    sentence: str
    todo: str


def explain(refusal: Refusal, lang: str, pack: Pack | None = None) -> Explained:
    """`refusal` in `lang` ("zh" or "en"); status codes in its values are named in that language too, and
    units and agencies as the `pack` calls them."""
    words = load_words()
    params = dict(refusal.params)
    noun = params.get("noun")
    if noun is not None:

        def status(code: str) -> str:
            key = f"status.{noun}.{code}"
            named = words.say(key, lang)
            return code if named == key else named

        params |= {name: status(str(params[name])) for name in ("at", "to") if name in params}
        if "possible" in params:
            comma = "、" if lang == "zh" else ", "
            params["possible"] = comma.join(status(code) for code in str(params["possible"]).split(", "))
        named = words.say(f"noun.{noun}", lang)
        params["noun"] = noun if named == f"noun.{noun}" else named
    if refusal.code == "not_allowed":
        params = _named(params, lang)
    if pack is not None and refusal.code in _OF_WHOM:
        params = _called(params, lang, pack)
    key = f"refusal.{refusal.code}"
    return Explained(refusal.code, words.say(key, lang, **params), words.say(f"{key}.do", lang, **params))


# Refusals that say who stands in the way.
_OF_WHOM = frozenset(
    (
        "unit_busy",
        "units_at_work",
        "work_unfinished",
        "already_referred",
        "unit_not_assigned",
        "unit_out_of_service",
    )
)


def _called(params: dict[str, Any], lang: str, pack: Pack) -> dict[str, Any]:
    """Units, agencies and who acted by their names; what has none keeps its code."""
    words = load_words()

    def name(code: str) -> str:
        row = pack.units.get(code) or pack.agencies.get(code)
        if row is not None:
            return say(row.name, lang) or code
        key = f"role.{code.removeprefix(DEMO)}" if code.startswith(DEMO) else f"actor.{code}"
        said = words.say(key, lang)
        return code if said == key else said

    comma = "、" if lang == "zh" else ", "
    of_whom = [each for each in ("unit", "agency", "what", "by") if each in params]
    return params | {each: comma.join(map(name, str(params[each]).split(", "))) for each in of_whom}


def _named(params: dict[str, Any], lang: str) -> dict[str, Any]:
    """Codes of the table of who may do what, as people say them."""
    comma = "、" if lang == "zh" else ", "
    rooms = {
        "thing": "thing",
        "action": "action",
        "purpose": "purpose",
        "missing": "condition",
        "ask": "role",
    }
    said = {}
    for name, room in rooms.items():
        codes = str(params.get(name, "")).split()
        said[name] = comma.join(load_words().say(f"{room}.{code}", lang) for code in codes) or "–"
    return params | said | {"rule": params.get("rule") or "–"}


def describe(fact: Fact, pack: Pack, lang: str) -> str:
    """What `fact` says, as one sentence in `lang`, with names of `pack` and its local time."""
    if isinstance(fact.body, Erased):
        return load_words().say(f"fact.hidden.{fact.hidden or 'erased'}", lang)
    slots = {name: _said(name, value, pack, lang) for name, value in asdict(fact.body).items()}
    # Before the first rung it is the late agency itself that is told.
    own = isinstance(fact.body, Escalated) and not fact.body.rung
    key = "fact.deadline.escalated.own" if own else f"fact.{fact.type}"
    sentence = load_words().say(key, lang, **slots).strip()
    done_at = getattr(fact.body, "done_at", 0)
    if done_at and fact.at - done_at >= TOLD_LATER:
        sentence += " " + load_words().say("fact.told_later", lang, done_at=_clock(done_at, pack))
    if isinstance(fact.body, NoteAdded) and fact.body.unit:
        sentence += " " + load_words().say(
            "fact.told_after", lang, unit=_said("unit", fact.body.unit, pack, lang)
        )
    if fact.hidden:
        sentence += " " + load_words().say(f"fact.hidden.{fact.hidden}", lang)
    return sentence


# Seconds in a reason, and the slot in which they are said as minutes and seconds.
LASTING = {"seconds": "time", "within_s": "wanted", "sooner": "sooner_time", "later": "later_time"}
# How a machine's own reasons are written.
CODE = re.compile(r"[a-z_]{3,40}")

# What was told at once needs no second time in its sentence.
TOLD_LATER = 60 * SECOND


def _clock(at: int, pack: Pack) -> str:
    local = datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(pack.timezone))
    return local.strftime("%Y-%m-%d %H:%M")


_ROWS = {
    "agency": "agencies",
    "to": "agencies",
    "unit": "units",
    "code": "units",
    "station": "stations",
    "type": "types",
    "was": "types",
    "disposition": "dispositions",
}


def _said(name: str, value: Any, pack: Pack, lang: str) -> Any:
    """The value of the field `name` as people say it."""
    words = load_words()
    if name == "to" and value.startswith("role."):
        return words.say(value, lang)
    if name in ("why", "answer") and isinstance(value, str):
        return _plainly(value, pack, lang)
    if name == "station" and not value:
        return words.say("place.usual", lang)
    if name in _ROWS:
        row = getattr(pack, _ROWS[name]).get(value)
        named: Text = row.name if row is not None else {}
        return say(named, lang) or value
    if name in ("due", "accept_due", "next", "until"):
        if not value:
            return "–"
        return _clock(value, pack)
    if name == "key":
        return words.say(f"deadline.{value.partition(':')[0]}", lang)
    if name == "how":
        return words.say(f"how.{value}", lang)
    if name == "status":
        return words.say(f"status.unit.{value}", lang)
    if name == "solved":
        return words.say("solved.yes" if value else "solved.no", lang)
    if name == "part":
        return words.say(f"photo.part.{value}", lang)
    if name == "channel":
        named_channel = words.say(f"channel.{value}", lang)
        return value if named_channel == f"channel.{value}" else named_channel
    if isinstance(value, Place):
        return _place(value, lang)
    return value


def _plainly(value: str, pack: Pack, lang: str) -> str:
    """What a machine gave as a reason or an answer is a code; what people wrote stays as they wrote it."""
    if value.isdigit():
        return f"#{value}"
    row = pack.dispositions.get(value)
    if row is not None:
        return say(row.name, lang) or value
    key = f"why.{value}"
    said = load_words().say(key, lang) if CODE.fullmatch(value) else key
    return value if said == key else said


def _lasting(seconds: float) -> str:
    """200 s → 3′20″, as it is said at a desk."""
    whole = round(seconds)
    return f"{whole // 60}′{whole % 60:02d}″"


def _far(metres: float, lang: str) -> str:
    unit = "metres" if metres < 1_000 else "kilometres"
    return load_words().say(
        f"far.{unit}", lang, n=round(metres) if metres < 1_000 else f"{metres / 1_000:.1f}"
    )


def _in_reason(name: str, value: Any, pack: Pack, lang: str) -> Any:
    """A code in a reason as people say it: units, abilities, kinds of units, and what else the pack names."""
    if name in ("other", "instead") and value in pack.units:
        return _said("unit", value, pack, lang)
    if name in ("ability", "instead", "other_ability", "kind"):
        key = f"{'unit_kind' if name == 'kind' else 'ability'}.{value}"
        said = load_words().say(key, lang)
        return value if said == key else said
    return _said(name, value, pack, lang) if name in _ROWS else value


def because(reason: Reason, pack: Pack, lang: str) -> str:
    """Why a machine proposed something, as one sentence in `lang`; codes are said by the names of `pack`."""
    values = {name: _in_reason(name, value, pack, lang) for name, value in reason.values.items()}
    for name, room in LASTING.items():
        if isinstance(span := reason.values.get(name), int | float):
            values[room] = _lasting(span)
    if isinstance(metres := reason.values.get("metres"), int | float):
        values["far"] = _far(metres, lang)
    # What a city says in each language comes as name_zh and name_en, and fills {name}.
    end = f"_{lang}"
    values |= {name.removesuffix(end): value for name, value in values.items() if name.endswith(end)}
    return load_words().say(f"reason.{reason.key}", lang, **values)


def _place(place: Place, lang: str) -> str:
    if place.address:
        return place.address
    if place.lat is not None and place.lon is not None:
        return f"{place.lat:.5f}, {place.lon:.5f}"
    return load_words().say("place.nowhere", lang)
