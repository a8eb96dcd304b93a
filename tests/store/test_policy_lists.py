"""Lists hold exactly what the rules allow: predicate, database and Cedar, on ten thousand pairs of asker and
incident, for every engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import cedarpy
import pytest

from huying.domain.assignment import Assignment
from huying.domain.glass import Glass
from huying.domain.incident import Incident
from huying.domain.policy import Action, Purpose, Thing
from huying.domain.principal import Principal, Role
from huying.domain.referral import Referral
from huying.domain.statuses import IncidentStatus
from huying.privacy.about import about_incident, about_referral, pairs_of
from huying.service.questions import Among, IncidentFilter
from huying.store import schema, wall
from huying.store.opening import Opened, raise_wall
from huying.store.wall import scope_setting
from policy_cases import (
    AGENCIES,
    AREAS,
    NAMES,
    NOW,
    UNITS,
    base,
    base_rows,
    cedar_request,
    cedar_text,
    some_case,
    staff,
)
from store.conftest import House
from store.sample import MINUTE, NOON, Sample, note
from tiny_pack import tiny_pack

COUNT, ASKERS = 100, 100
PACK = tiny_pack()
PUBLIC = PACK.public_types
# Lists of which an asker may see a part; one of another kind is decided without the database.
LISTED = (Thing.INCIDENT, Thing.CALL, Thing.REFERRAL, Thing.TIMELINE, Thing.MEDIA, Thing.REQUEST)


@pytest.fixture
def town(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> tuple[Opened, dict[int, Incident]]:
    """Incidents of many kinds, some indexed, some waiting to be, most of them changed afterwards."""
    monkeypatch.setattr("huying.store.journal.RECENT_MAX", 40)
    monkeypatch.setattr("huying.store.find.WINDOW", 16)
    dice, sample, store = random.Random(7), Sample(), opened.store
    for i in range(COUNT):
        store.commit(
            sample.call(
                store.begin(),
                at=NOON + i * MINUTE,
                type=dice.choice(list(PACK.types)),
                areas=tuple(dice.sample(AREAS, dice.randint(0, 2))),
                agency=dice.choice(AGENCIES),
            )
        )
    for incident in dice.sample(sorted(sample.opened.values(), key=lambda each: each.id), 80):
        incident.status = dice.choice(list(IncidentStatus))
        for n in range(dice.randint(0, 2)):
            at = NOON if dice.random() < 0.4 else 0
            agency = dice.choice(AGENCIES)
            incident.assignments.append(Assignment(n + 1, dice.choice(UNITS), agency, NOON, clear_at=at))
        for n in range(dice.randint(0, 1)):
            ended = dice.random() < 0.3
            incident.glass.append(Glass(n + 1, dice.choice(NAMES), NOON, NOON + MINUTE, ended=ended))
        if dice.random() < 0.3:
            incident.referrals.append(Referral(2, dice.choice(AGENCIES), "r2", NOON, NOON))
        store.commit(sample.change(store.begin(), incident, note()))
    return opened, sample.opened


def listed(opened: Opened, who: Principal, thing: Thing, purpose: Purpose) -> set[int]:
    """All pages of the list, as ids of incidents."""
    among = pairs_of(base().scope(who, thing, Action.READ, purpose, NOW), PUBLIC)
    found: set[int] = set()
    cursor, pages = "", 0
    while pages < 200:
        page = opened.questions.incidents(IncidentFilter(), cursor, 25, among)
        found |= {each.id for each in page.items}
        cursor, pages = page.next, pages + 1
        if not cursor:
            return found
    raise AssertionError("the pages have no end")


@pytest.mark.slow
def test_predicate_database_and_cedar_agree(town: tuple[Opened, dict[int, Incident]], house: House) -> None:
    """Cedar is asked once, with the store in memory: it takes ten times as long as all the rest."""
    opened, incidents = town
    dice, rows = random.Random(11), base_rows()
    text, different, allowed = cedar_text(rows), [], 0
    ids = sorted(incidents)
    for number in range(ASKERS):
        who, thing, action, purpose = some_case(dice, rows)
        while thing not in LISTED or action is not Action.READ:
            who, thing, action, purpose = some_case(dice, rows)
        seen = listed(opened, who, thing, purpose)
        requests, entities = [], []
        for id in ids:
            about = about_incident(incidents[id], PUBLIC)
            may = base().decide(who, thing, action, purpose, about, NOW) is not None
            allowed += may
            if may != (id in seen):
                different.append((number, id, "database"))
            if house.kind == "memory":
                request, entity = cedar_request(who, thing, action, purpose, about, "", id)
                requests.append(request)
                entities.append(entity)
        for id, answer in zip(ids, cedarpy.is_authorized_batch(requests, text, entities), strict=False):
            if answer.allowed != (id in seen):
                different.append((number, id, "cedar"))
    assert different == []
    assert 0.1 < allowed / (ASKERS * COUNT) < 0.9


@pytest.mark.parametrize("agency", ["urban", "police"])
def test_referrals_and_calls_are_the_own_agencys(
    town: tuple[Opened, dict[int, Incident]], agency: str
) -> None:
    opened, incidents = town
    clerk = staff(Role.CLERK, agency=agency)
    ask = (clerk, Thing.REFERRAL, Action.READ, Purpose.HANDLE)
    among = pairs_of(base().scope(*ask, NOW), PUBLIC)
    page = opened.questions.referrals("", (), 0, "", 500, among)
    mine = {
        (incident.id, each.n)
        for incident in incidents.values()
        for each in incident.referrals
        if base().decide(*ask, about_referral(incident, each.agency), NOW)
    }
    assert {(line.incident, line.n) for line in page.items} == mine and mine
    assert {line.agency for line in page.items} == {agency}
    ask = (clerk, Thing.CALL, Action.READ, Purpose.HANDLE)
    among = pairs_of(base().scope(*ask, NOW), PUBLIC)
    calls = opened.questions.calls_received(0, 0, "", 500, among=among).items
    assert {incident.id for _, incident in calls} == {
        each.id for each in incidents.values() if base().decide(*ask, about_incident(each, PUBLIC), NOW)
    }


def test_a_list_of_another_asker_can_be_paged_with_my_cursor_and_shows_mine(
    town: tuple[Opened, dict[int, Incident]],
) -> None:
    opened, incidents = town
    boss, clerk = staff(Role.SUPERVISOR), staff(Role.CLERK, agency="urban")
    all = pairs_of(base().scope(boss, Thing.INCIDENT, Action.READ, Purpose.SUPERVISE, NOW), PUBLIC)
    mine = pairs_of(base().scope(clerk, Thing.INCIDENT, Action.READ, Purpose.HANDLE, NOW), PUBLIC)
    cursor = opened.questions.incidents(IncidentFilter(), "", 30, all).next
    page = opened.questions.incidents(IncidentFilter(), cursor, 200, mine)
    own = {each.id for each in incidents.values() if "urban" in about_incident(each).agencies}
    assert {each.id for each in page.items} <= own
    assert all == () and mine == ((("agency", "urban"),),)


def test_who_may_see_nothing_gets_an_empty_page(town: tuple[Opened, dict[int, Incident]]) -> None:
    opened, _ = town
    among = pairs_of(
        base().scope(staff(Role.ADMINISTRATOR), Thing.INCIDENT, Action.READ, Purpose.OPERATE, NOW), PUBLIC
    )
    assert among == ((),)
    assert opened.questions.incidents(IncidentFilter(), "", 10, among).items == []
    assert opened.questions.referrals("", (), 0, "", 10, among).items == []
    assert opened.questions.calls_received(0, 0, "", 10, among=among).items == []


# ── the second wall ─────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def walled(
    town: tuple[Opened, dict[int, Incident]], house: House
) -> tuple[Opened, dict[int, Incident], Callable[..., list[Any]]]:
    """A store with the wall, and raw SQL as its reader."""
    if house.kind != "postgres":
        pytest.skip("only PostgreSQL leaves out rows by itself")
    import psycopg

    raise_wall(house.address)
    raise_wall(house.address)  # done again, it changes nothing

    def raw(statement: str, among: Among | None) -> list[Any]:
        with psycopg.connect(house.address) as connection:
            connection.execute("SET LOCAL ROLE huying_reader")
            if among is not None:
                text = scope_setting(among)
                connection.execute("SELECT set_config('huying.scope', %s, true)", (text,))
            return connection.execute(statement).fetchall()

    return *town, raw


def test_raw_sql_sees_what_the_rules_show_and_nothing_else(
    walled: tuple[Opened, dict[int, Incident], Callable[..., list[Any]]],
) -> None:
    _, incidents, raw = walled
    dice, rows, asked = random.Random(13), base_rows(), 0
    while asked < 25:
        who, thing, action, purpose = some_case(dice, rows)
        among = pairs_of(base().scope(who, thing, action, purpose, NOW), PUBLIC)
        if thing not in LISTED or not among:
            continue
        asked += 1
        may = {
            id
            for id, each in incidents.items()
            if base().decide(who, thing, action, purpose, about_incident(each, PUBLIC), NOW)
        }
        assert {id for (id,) in raw("SELECT id FROM incident", among)} == may
        assert {id for (id,) in raw("SELECT incident FROM call", among)} == may
        assert {id for (id,) in raw("SELECT DISTINCT incident FROM referral", among)} == may
        streams = {id for (id,) in raw("SELECT DISTINCT stream FROM fact", among)}
        assert streams == may | {call for id in may for call in incidents[id].calls}


def test_every_table_stands_behind_the_wall_or_has_its_reason() -> None:
    """A new table fails here until somebody has said which of the three it is, and why."""
    stated = [*wall.RULES, *wall.CLOSED, *wall.PLAIN]
    assert sorted(stated) == sorted(schema.metadata.tables), "each table once, in one of the three lists"
    assert all(why.strip() for why in (*wall.CLOSED.values(), *wall.PLAIN.values()))


def test_without_the_setting_the_reader_sees_nothing_and_never_a_contact(
    walled: tuple[Opened, dict[int, Incident], Callable[..., list[Any]]], house: House
) -> None:
    import psycopg

    _, _, raw = walled
    for table in wall.RULES:
        assert raw(f"SELECT * FROM {table}", None) == []
    for table in wall.CLOSED:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw(f"SELECT * FROM {table}", ((("agency", "urban"),),))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw("UPDATE incident SET terms = ''", ((("agency", "urban"),),))
    house.run(
        "INSERT INTO seen VALUES (1, 1)",
        *(f"GRANT SELECT ON {each} TO huying_reader" for each in wall.CLOSED),
    )
    for table in wall.CLOSED:
        assert raw(f"SELECT * FROM {table}", ((("agency", "urban"),),)) == [], (
            "granted by mistake, still closed"
        )


def test_what_is_left_of_a_fact_and_its_clocks_are_as_visible_as_its_incident(
    walled: tuple[Opened, dict[int, Incident], Callable[..., list[Any]]], house: House
) -> None:
    _, incidents, raw = walled
    among: Among = ((("agency", "urban"),),)
    own = {each.id for each in incidents.values() if "urban" in about_incident(each).agencies}
    house.run(
        "INSERT INTO remainder SELECT seq, seq, 'erased', ''::bytea FROM fact",
        "INSERT INTO timer SELECT 1, id, 'accept:1' FROM incident ON CONFLICT DO NOTHING",
    )
    assert {id for (id,) in raw("SELECT DISTINCT incident FROM timer", among)} == own
    shown = {seq for (seq,) in raw("SELECT seq FROM remainder", among)}
    assert shown == {seq for (seq,) in raw("SELECT seq FROM fact", among)} and shown


def test_a_story_is_read_behind_the_wall_too(
    walled: tuple[Opened, dict[int, Incident], Callable[..., list[Any]]],
) -> None:
    """Where the first wall decided wrongly about one incident, the second leaves its calls and facts out."""
    opened, incidents, _ = walled
    among: Among = ((("agency", "urban"),),)
    asked = opened.questions
    for id, incident in sorted(incidents.items())[:40]:
        mine = "urban" in about_incident(incident).agencies
        assert bool(asked.calls(incident.calls, among)) == (mine and bool(incident.calls))
        assert bool(asked.timeline(id, 50, among)) == mine
        assert (id in asked.incidents_of([id], among)) == mine
        assert asked.timeline(id, 50), "without rules it is whole"


def test_a_wall_of_an_earlier_edition_is_built_up_and_does_not_fall(
    walled: tuple[Opened, dict[int, Incident], Callable[..., list[Any]]], house: House
) -> None:
    """A newer edition has more tables: their rules are added when the store is opened."""
    _, _, raw = walled
    house.run(
        "DROP POLICY huying_wall ON remainder",
        "ALTER TABLE remainder DISABLE ROW LEVEL SECURITY",
        "REVOKE ALL ON remainder FROM huying_reader",
        "ALTER TABLE photo DISABLE ROW LEVEL SECURITY",
    )
    again = house.open()
    with again.questions.reading() as connection:
        assert wall.stands(connection)
    assert raw("SELECT * FROM remainder", None) == []
    secured = "SELECT relrowsecurity FROM pg_class WHERE oid = 'photo'::regclass"
    assert raw(secured, None) == [(True,)]


def test_lists_go_through_the_wall_and_leave_the_connection_as_it_was(
    walled: tuple[Opened, dict[int, Incident], Callable[..., list[Any]]],
) -> None:
    opened, incidents, _ = walled
    clerk = staff(Role.CLERK, agency="urban")
    own = {each.id for each in incidents.values() if "urban" in about_incident(each).agencies}
    among: Among = ((("agency", "urban"),),)
    for _ in range(3):
        with opened.questions.seeing(among) as connection:
            found = connection.exec_driver_sql(
                "SELECT current_user::text, (SELECT count(*) FROM incident)"
            ).one()
        assert tuple(found) == ("huying_reader", len(own))
        assert listed(opened, clerk, Thing.INCIDENT, Purpose.HANDLE) == own
        assert opened.questions.incident(min(incidents)).id == min(incidents)  # the owner again


def test_lists_of_calls_and_referrals_go_through_the_wall_too(
    walled: tuple[Opened, dict[int, Incident], Callable[..., list[Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when the condition in the statement is forgotten, the database leaves the others' rows out."""
    opened, incidents, _ = walled
    own = {each.id for each in incidents.values() if "urban" in about_incident(each).agencies}
    among: Among = ((("agency", "urban"),),)
    asked = opened.questions

    def lists() -> tuple[set[int], set[int]]:
        calls = asked.calls_received(0, 0, "", 1_000, among=among).items
        lines = asked.referrals("", (), 0, "", 1_000, among).items
        return {at.id for _, at in calls}, {line.incident for line in lines}

    calls, referrals = lists()
    assert calls == {id for id in own if incidents[id].calls}
    assert referrals and referrals <= own
    monkeypatch.setattr("huying.store.questions.only", lambda *_: [])
    calls, referrals = lists()
    assert calls == {id for id in own if incidents[id].calls}
    assert referrals <= own
    assert len(asked.calls_received(0, 0, "", 1_000).items) > len(calls), "without rules it is whole"
