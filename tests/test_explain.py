"""Facts as sentences of a timeline."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from huying.base.clock import SECOND
from huying.domain import facts as f
from huying.domain.facts import TYPE_OF, Fact, Payload
from huying.domain.pack import Pack
from huying.domain.place import Place
from huying.domain.reason import Reason
from huying.words.explain import because, describe

NOON = int(datetime(2026, 5, 1, 4, 0, tzinfo=UTC).timestamp()) * SECOND  # 12:00 in Yunxi


def row(zh: str, en: str) -> Any:
    return SimpleNamespace(name={"zh": zh, "en": en})


PACK = cast(
    Pack,
    SimpleNamespace(
        timezone="Asia/Shanghai",
        agencies={"water": row("水务局", "Water Bureau")},
        units={"p1": row("城关一组", "Town car 1")},
        types={"pipe": row("水管爆裂", "burst pipe")},
        dispositions={"done": row("已修复", "repaired")},
    ),
)


@pytest.mark.parametrize(
    ("body", "zh", "en"),
    [
        (
            f.ReferralOffered(n=1, agency="water", rule="r1", due=NOON),
            "转给 水务局，2026-05-01 12:00 前办结。",
            "Offered to Water Bureau, to be resolved by 2026-05-01 12:00.",
        ),
        (
            f.Escalated(key="accept:1", rung=2, to="water", due=NOON),
            "受理超时（应在 2026-05-01 12:00 前），第 2 级督办：已告知 水务局。",
            "Late to accept (by 2026-05-01 12:00); step 2: Water Bureau was told.",
        ),
        (
            f.Escalated(key="accept:1", rung=0, to="water", due=NOON),
            "受理超时（应在 2026-05-01 12:00 前），已提醒 水务局。",
            "Late to accept (by 2026-05-01 12:00): Water Bureau was reminded.",
        ),
        (
            f.IncidentReopened(why="caller_not_agreed"),
            "重开：来件人说没有解决。",
            "Reopened: The caller says that it is not solved.",
        ),
        (f.IncidentReopened(why="again"), "重开：again", "Reopened: again"),
        (f.IncidentClosed(how="duplicate", why="77"), "闭环：重复来件，已并案。#77", None),
        (f.ReferralReturned(n=1, why="not_ours"), "承办单位退回：不属于本单位职责。", None),
        (f.UnitArrived(n=1, unit="p1"), "城关一组 到场。", "Town car 1 on scene."),
        (f.UnitCleared(n=1, unit="p9"), "p9 处毕。", "p9 clear."),
        (f.FollowUpAnswered(n=1, solved=False), "来件人答复：没有解决。", "The caller answers: not solved."),
        (f.PlaceSet(place=Place(lat=28.1, lon=121.2)), "地点定为：28.10000, 121.20000。", None),
        (f.PlaceSet(place=Place()), "地点定为：地点不详。", "Place set: place unknown."),
        (f.CallReceived(channel="desk", words="漏水 {x}"), "来件（电话接警）：漏水 {x}", None),
        (f.DeadlineSet(key="dispatch", due=0), "派警：– 前完成。", "By –: send somebody."),
    ],
)
def test_a_fact_says_what_happened(body: Payload, zh: str, en: str | None) -> None:
    fact = Fact(
        seq=1, stream=1, version=1, type=TYPE_OF[type(body)], at=NOON, actor="a", purpose="p", body=body
    )
    assert describe(fact, PACK, "zh") == zh
    if en is not None:
        assert describe(fact, PACK, "en") == en


def test_a_reason_says_the_citys_names_in_the_askers_language() -> None:
    names: dict[str, str | int | float] = {"type_zh": "水管爆裂", "type_en": "Burst pipe", "percent": 89}
    reason = Reason("triage.model", of="model:x", values=names)
    assert because(reason, PACK, "zh") == "学得的模型认为是“水管爆裂”，把握 89%。"
    assert "Burst pipe" in because(reason, PACK, "en")


def test_times_and_ways_are_said_as_at_a_desk() -> None:
    reason = Reason("dispatch.nearest", values={"unit": "p1", "seconds": 923, "metres": 5306})
    assert because(reason, PACK, "zh") == "城关一组 是符合条件的力量中最近的：约 15′23″到场，直线 5.3 公里。"
    near = Reason("dispatch.nearest", values={"unit": "p1", "seconds": 61, "metres": 350})
    said = "Town car 1 is the nearest that fits: about 1′01″, 350 m in a straight line."
    assert because(near, PACK, "en") == said
