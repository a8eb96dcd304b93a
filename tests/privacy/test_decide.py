"""Who may do what: the table decides, Cedar decides the same, and nothing breaks the never-list."""

from __future__ import annotations

import random

import cedarpy
import pytest
from msgspec.structs import replace

from huying.domain.policy import NOTHING, About, Action, Condition, Purpose, Thing
from huying.domain.principal import PUBLIC, SYSTEM, Principal, Role
from huying.privacy.narrow import Narrowing, narrowed, widens
from huying.privacy.never import NEVER, broken_by
from huying.privacy.policy import Policy
from policy_cases import (
    NOW,
    base,
    base_rows,
    cedar_request,
    cedar_text,
    some_about,
    some_case,
    some_field,
    staff,
)

CASES = 10_000
CALL_TAKER = staff(Role.CALL_TAKER)
CLERK = staff(Role.CLERK, agency="urban")
CREW = staff(Role.UNIT, agency="police", unit="p1")


def fields(
    who: Principal, thing: Thing, action: Action, purpose: Purpose, about: About = NOTHING
) -> set[str] | None:
    grant = base().decide(who, thing, action, purpose, about, NOW)
    return None if grant is None else set(grant.fields)


def test_a_clerk_reads_the_words_of_calls_that_are_the_own_agencys_and_open() -> None:
    ask = (CLERK, Thing.CALL, Action.READ, Purpose.HANDLE)
    assert fields(*ask, About(agencies=("urban",), open=True)) == {"outline", "place", "words", "contact"}
    assert fields(*ask, About(agencies=("urban",), open=False)) is None
    assert fields(*ask, About(agencies=("police",), open=True)) is None
    assert (
        fields(CLERK, Thing.CALL, Action.READ, Purpose.ANSWER, About(agencies=("urban",), open=True)) is None
    )


def test_rules_that_hold_together_show_the_fields_of_all() -> None:
    ask = (CREW, Thing.INCIDENT, Action.READ, Purpose.ANSWER)
    assert fields(*ask, About(open=True)) == {"outline", "place"}
    assert fields(*ask, About(units=("p1",), open=False)) == {"outline", "title", "place", "work", "words"}
    grant = base().decide(*ask, About(units=("p1",), open=True), NOW)
    assert grant is not None and grant.rules == ("unit.incidents", "unit.around")


def test_off_duty_and_without_proof_nothing_is_opened() -> None:
    here = About(open=True)
    ask = (Thing.CONTACT, Action.OPEN, Purpose.ANSWER)
    assert fields(CALL_TAKER, *ask, here) == {"name", "phone", "email", "lang"}
    assert fields(staff(Role.CALL_TAKER, duty=None), *ask, here) is None
    tired = staff(Role.CALL_TAKER, elevated_until=NOW)
    assert fields(tired, *ask, here) is None
    why = base().why_not(tired, *ask, here, NOW)
    assert (why.rule, why.missing, why.ask) == ("desk.contact", ("elevated",), "supervisor")


def test_what_is_in_no_row_is_refused_and_says_whom_to_ask() -> None:
    for who in (PUBLIC, SYSTEM, staff(Role.ANALYST), staff(Role.ADMINISTRATOR)):
        assert fields(who, Thing.CONTACT, Action.OPEN, Purpose.AUDIT) is None
    why = base().why_not(staff(Role.ANALYST), Thing.CALL, Action.READ, Purpose.ANALYSE, NOTHING, NOW)
    assert (why.rule, why.missing, why.ask) == ("", ("role",), "supervisor")
    why = base().why_not(
        CLERK, Thing.CALL, Action.READ, Purpose.AUDIT, About(agencies=("urban",), open=True), NOW
    )
    assert (why.rule, why.missing) == ("agency.calls", ("purpose",))


@pytest.mark.slow
def test_cedar_agrees_on_ten_thousand_cases() -> None:
    dice = random.Random(20260302)
    rows, policy = base_rows(), base()
    requests, entities, ours, lists = [], [], [], []
    for id in range(CASES):
        who, thing, action, purpose = some_case(dice, rows)
        about = some_about(dice)
        field = some_field(dice, thing)
        request, entity = cedar_request(who, thing, action, purpose, about, field, id)
        requests.append(request)
        entities.append(entity)
        grant = policy.decide(who, thing, action, purpose, about, NOW)
        ours.append(grant is not None and (not field or field in grant.fields))
        if not about.own:  # "own" is known of one thing at a time and in no list
            lists.append((grant is not None, policy.scope(who, thing, action, purpose, NOW).holds(about)))
    text = cedar_text(rows)
    theirs = []
    for start in range(0, CASES, 500):
        part = slice(start, start + 500)
        theirs += cedarpy.is_authorized_batch(requests[part], text, entities[part])
    assert not any(each.diagnostics.errors for each in theirs)
    different = [n for n in range(CASES) if ours[n] != theirs[n].allowed]
    assert different == []
    assert [pair for pair in lists if pair[0] != pair[1]] == []
    assert 0.1 < sum(ours) / CASES < 0.9  # both answers are asked for


def test_the_base_keeps_the_never_list_and_each_rule_of_it_bites() -> None:
    assert {row.code: broken_by(row) for row in base_rows() if broken_by(row)} == {}
    by_code = {row.code: row for row in base_rows()}

    def changed(code: str, **more: object) -> list[str]:
        return broken_by(replace(by_code[code], **more))

    bitten = {
        *changed("agency.calls", who=frozenset({"analyst"})),
        *changed("agency.contact", who=frozenset({"partner"})),
        *changed("desk.calls", purposes=frozenset({Purpose.ANALYSE})),
        *changed("desk.contact", conditions=frozenset({Condition.OPEN_CASE})),
        *changed("officer.contact", second=False),
        *changed("glass.calls", conditions=frozenset()),
        *changed("desk.calls", fields=frozenset({"phone"})),
    }
    assert bitten == set(NEVER)


@pytest.mark.parametrize("seed", range(20))
def test_a_narrowed_table_never_allows_more(seed: int) -> None:
    dice = random.Random(seed)
    rows = base_rows()
    lines = {}
    for row in dice.sample(rows, 30):
        lines[row.code] = Narrowing(
            row.code,
            off=dice.random() < 0.1,
            who=frozenset(dice.sample(sorted(row.who), dice.randint(1, len(row.who)))),
            fields=frozenset(dice.sample(sorted(row.fields), dice.randint(0, len(row.fields)))),
            conditions=frozenset(dice.sample(list(Condition), dice.randint(0, 2))),
            on_duty=dice.random() < 0.3,
            second=dice.random() < 0.3,
        )
    less, all = Policy(narrowed(rows, lines)), base()
    for _ in range(300):
        case, about = some_case(dice, rows), some_about(dice)
        small, large = less.decide(*case, about, NOW), all.decide(*case, about, NOW)
        if small is not None:
            assert large is not None and small.fields <= large.fields
            assert small.second or not large.second


def test_what_would_widen_is_told_by_column() -> None:
    row = next(each for each in base_rows() if each.code == "agency.calls")
    wide = Narrowing(row.code, who=frozenset({"clerk", "unit"}), fields=frozenset({"words", "source"}))
    assert widens(row, wide) == ["who", "fields"]
    assert narrowed([row], {row.code: wide})[0].who == {"clerk"}
