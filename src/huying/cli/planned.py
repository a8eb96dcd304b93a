"""What `huying plan` reads and shows: demand of a store or a pack; a plan as JSON, GeoJSON, words."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from huying.base.refusal import Refusal
from huying.base.text import say
from huying.cli.console import Console
from huying.dispatch.cover import first_abilities
from huying.dispatch.demand import Demand
from huying.dispatch.posts import Board, Site, sites_of
from huying.dispatch.suggest import Option, Suggested
from huying.domain.deployment import Posting
from huying.domain.pack import Pack
from huying.edge.asked import asked_of
from huying.geo.roads.travel import RoadTravel
from huying.geo.travel import StraightTravel, TravelTime
from huying.sim.asked import stated_by
from huying.store.opening import open_questions
from huying.store.packdir import read_net, read_pack

DRAWN_WEEKS = 4
"""Weeks of the pack's calls that are drawn for a demand: some thousand asks in a county."""


def demand_from(source: str, folder: str, ability: str, seed: int) -> tuple[Pack, Demand]:
    """The demand of a store (a file, `postgresql://…`) that holds closed incidents, or of a pack's rhythm."""
    is_store = is_a_store(source)
    pack = read_pack(folder_of(source, folder))
    ability = ability_of(pack, ability)
    if is_store:
        with closing(open_questions(source)) as questions:
            return pack, asked_of(questions, pack, ability)
    return pack, stated_by(pack, source or folder, ability, DRAWN_WEEKS, seed)


def is_a_store(source: str) -> bool:
    return source.startswith("postgresql://") or (bool(source) and Path(source).is_file())


def folder_of(source: str, folder: str) -> str:
    """Where the pack is: the source itself when that is one."""
    return folder if is_a_store(source) or not source else source


def ability_of(pack: Pack, ability: str) -> str:
    """The ability that is planned for: the one given, or the one that danger to life asks for most widely."""
    if not ability:
        first = first_abilities(pack)
        ability = first[0].ability if first else _most_asked(pack)
    if not any(ability in row.abilities for row in pack.units.values()):
        raise Refusal("unknown_code", noun="ability", code=ability[:40])
    return ability


def _most_asked(pack: Pack) -> str:
    """What the run cards of most types ask for; empty where there is none."""
    cards = [pack.run_cards[each.run_card] for each in pack.types.values() if each.run_card in pack.run_cards]
    asked = Counter(need.ability for card in cards for need in card.needs)
    return min(asked, key=lambda each: (-asked[each], each), default="")


def travel_of(pack: Pack, folder: str) -> TravelTime:
    net = read_net(folder)
    return StraightTravel() if net is None else RoadTravel(net, pack.speeds, turn=threading.Lock())


def within_of(pack: Pack, ability: str, within_s: int) -> int:
    """Seconds wanted: those given, those of run cards of danger to life, or the standard for priority 2."""
    if within_s:
        return within_s
    known = {each.ability: each.within_s for each in first_abilities(pack)}
    standard = pack.standards.get(2)
    return known.get(ability) or (standard.arrive_s if standard else 0) or 600


POSTS_MAX = 500
"""Posts, or shifts, of a plan that is tried out: more than a city has units."""


def posts_from(source: str) -> list[Posting]:
    """Posts that somebody thought of: JSON `[{"post", "lat", "lon"} …]`, one for each crew; `-` is the
    standard input. Refuses `plan_unreadable`."""
    return list(_read(source, list[Posting])) if source else []


def crews_from(source: str, pack: Pack) -> dict[str, int]:
    """Crews by shift: JSON `{"early": 5 …}`. Refuses `plan_unreadable` and `unknown_code`."""
    found: dict[str, int] = _read(source, dict[str, int]) if source else {}
    for code, crews in found.items():
        if code not in pack.shifts:
            raise Refusal("unknown_code", noun="shift", code=code[:40])
        if not 0 <= crews <= POSTS_MAX:
            raise Refusal("out_of_range", field="crews", low=0, high=POSTS_MAX)
    return found


def _read(source: str, kind: Any) -> Any:
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
        found = msgspec.json.decode(text, type=kind)
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise Refusal("plan_unreadable", reason=str(error)) from error
    if not 1 <= len(found) <= POSTS_MAX:
        raise Refusal("out_of_range", field="posts", low=1, high=POSTS_MAX)
    return found


def sites_at(pack: Pack, posts: Sequence[Posting]) -> tuple[list[Site], list[int]]:
    """(sites that the pack has not, the number of the site of each post)."""
    known = sites_of(pack)
    number = {(each.code, each.lat, each.lon): n for n, each in enumerate(known)}
    more: list[Site] = []
    chosen = []
    for each in posts:
        if not (abs(each.lat) <= 90 and abs(each.lon) <= 180):
            raise Refusal("place_impossible", lat=each.lat, lon=each.lon)
        key = (each.post, each.lat, each.lon)
        if key not in number:
            number[key] = len(known) + len(more)
            more.append(Site(each.post, each.lat, each.lon, False))
        chosen.append(number[key])
    return more, chosen


def name_of(pack: Pack, code: str, lang: str) -> str:
    known = pack.stations.get(code) or pack.places.get(code)
    return say(known.name, lang) if known is not None else code


def plan_shown(pack: Pack, board: Board, found: Suggested, demand: Demand) -> dict[str, Any]:
    """The plan as JSON values: posts with their reasons, options with their intervals."""
    units: dict[int, list[str]] = {}
    for unit, at in found.units:
        units.setdefault(at, []).append(unit)
    posts = []
    for why in found.why:
        site = board.sites[why.site]
        posts.append(
            {
                "post": site.code,
                "name": _names(pack, site.code),
                "lat": site.lat,
                "lon": site.lon,
                "station": site.station,
                "crews": why.crews,
                "units": units.get(why.site, []),
                "without_it": round(-why.loss, 4),
            }
        )
    other = found.why[0].other if found.why else -1
    return {
        "ability": demand.ability,
        "asks": len(demand),
        "weeks": round(demand.weeks, 2),
        "within_s": board.within_s,
        "busy": round(board.busy, 3),
        "option": found.option,
        "proven": found.proven,
        "bound": found.bound,
        "posts": posts,
        "next_best": {
            "post": board.sites[other].code if other >= 0 else "",
            "gain": round(found.why[0].gain, 4) if found.why else 0.0,
        },
        "moved": {
            "from": board.sites[found.moved[0]].code if found.moved[0] >= 0 else "",
            "to": board.sites[found.moved[1]].code if found.moved[1] >= 0 else "",
        },
        "options": [_option(each) for each in found.options],
    }


def _option(each: Option) -> dict[str, Any]:
    names = ("mean_s", "p90_s", "within", "sooner_s", "more_within")
    spreads = {
        name: [getattr(each, name).mean, getattr(each, name).low, getattr(each, name).high] for name in names
    }
    return {"name": each.name, "crews": each.crews, "expected": each.expected, **spreads}


def _names(pack: Pack, code: str) -> dict[str, str]:
    known = pack.stations.get(code) or pack.places.get(code)
    return dict(known.name) if known is not None else {}


def tell_plan(console: Console, pack: Pack, shown: dict[str, Any]) -> None:
    """The plan in words: what it rests on, posts with why, options beside each other."""
    console.say(
        "cli.plan.told.demand",
        **{key: shown[key] for key in ("ability", "asks", "weeks", "within_s", "busy")},
    )
    for post in shown["posts"]:
        name = name_of(pack, post["post"], console.lang)
        lost = round(-100 * post["without_it"], 1)
        units = " ".join(post["units"]) or "–"
        console.say("cli.plan.told.post", name=name, crews=post["crews"], lost=lost, units=units)
    if shown["next_best"]["post"]:
        name = name_of(pack, shown["next_best"]["post"], console.lang)
        console.say("cli.plan.told.next", name=name, gain=round(100 * shown["next_best"]["gain"], 1))
    proven = "proven" if shown["proven"] else "bound"
    console.say(f"cli.plan.told.{proven}", bound=round(100 * shown["bound"], 1))
    for option in shown["options"]:
        name = console.word(f"cli.plan.option.{option['name']}")
        if option["name"] == "moved":
            where = (name_of(pack, shown["moved"][each], console.lang) for each in ("from", "to"))
            name += " " + " → ".join(where)
        mean, within, more = option["mean_s"], option["within"], option["more_within"]
        console.say(
            "cli.plan.told.option",
            name=name,
            crews=option["crews"],
            mean=round(mean[0]),
            low=round(mean[1]),
            high=round(mean[2]),
            p90=round(option["p90_s"][0]),
            within=round(100 * within[0], 1),
            more=round(100 * more[0], 1),
            more_low=round(100 * more[1], 1),
            more_high=round(100 * more[2], 1),
        )


def postings_of(shown: dict[str, Any]) -> tuple[Posting, ...]:
    """Posts of the plan, one for each unit; posts beyond the units stay without one."""
    found = []
    for post in shown["posts"]:
        for unit in [*post["units"], *[""] * (post["crews"] - len(post["units"]))]:
            found.append(Posting(post["post"], post["lat"], post["lon"], unit))
    return tuple(found)


def figures_of(shown: dict[str, Any]) -> dict[str, float]:
    """What the plan was proposed by: the middle and the ends of every interval, by option."""
    figures = {"asks": float(shown["asks"]), "weeks": shown["weeks"], "within_s": float(shown["within_s"])}
    for option in shown["options"]:
        for what in ("mean_s", "p90_s", "within"):
            for n, end in enumerate(("", ".low", ".high")):
                figures[f"{option['name']}.{what}{end}"] = float(option[what][n])
    return figures


def write_geojson(shown: dict[str, Any], path: Path) -> None:
    """Posts as points, to be opened on any map."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(post["lon"], 6), round(post["lat"], 6)]},
            "properties": {key: post[key] for key in ("post", "name", "crews", "units", "without_it")},
        }
        for post in shown["posts"]
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise Refusal("plan_unwritable", file=path.name, reason=str(error.strerror)) from error
