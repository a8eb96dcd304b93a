"""Whose it is and by when: routing rules, ladders, standards."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from huying.domain.deadline import Ladder, Rung
from huying.domain.pack import IncidentType, Question, Rule, names_type
from huying.domain.run_card import Standard
from huying.service.packs.faults import nearest
from huying.service.packs.matters import TOWN
from huying.service.packs.spans import parse_period
from huying.service.packs.tables import Row, by_code

# `{agency}` the late one, `{parent}` whom it is under, `{duty}` the duty desk.
TOLD = ("{agency}", "{parent}", "{duty}")

# Rules are read by people from top to bottom; each is compared with those above it.
RULES_MAX = 1_000
RUNGS_MAX = 20
SECONDS_MAX = 604_800


def read_ladders(rows: Sequence[Row], agencies: Collection[str]) -> dict[str, Ladder]:
    rungs: dict[str, dict[int, Rung]] = {}
    first: dict[str, Row] = {}
    for row in rows:
        code = row.code("ladder")
        number = row.whole("rung", 1, RUNGS_MAX)
        to = row.raw("to") if row.raw("to") in TOLD else row.ref("to", agencies, "agency", needed=True)
        ladder = rungs.setdefault(code, {})
        first.setdefault(code, row)
        if number in ladder:
            row.bad("rung_twice", "rung", ladder=code)
        ladder[number] = Rung(row.span("after", shortest=0), to)
    for code, ladder in rungs.items():
        missing = [number for number in range(1, max(ladder) + 1) if number not in ladder]
        if missing:
            first[code].bad("rung_missing", "ladder", missing=" ".join(map(str, missing)))
    return {
        code: Ladder(code, tuple(ladder[number] for number in sorted(ladder)))
        for code, ladder in rungs.items()
    }


def read_standards(rows: Sequence[Row], ladders: Collection[str]) -> dict[int, Standard]:
    standards: dict[int, Standard] = {}
    for row in rows:
        priority = row.whole("priority", 1, 5)
        if priority in standards:
            row.bad("standard_twice", "priority")
        standards[priority] = Standard(
            priority=priority,
            dispatch_s=row.whole("dispatch_s", 0, SECONDS_MAX, 0),
            arrive_s=row.whole("arrive_s", 0, SECONDS_MAX, 0),
            ladder=row.ref("ladder", ladders, "ladder"),
            cover=row.number("cover", 0.0, 1.0, 0.0),
        )
    return standards


def read_rules(
    rows: Sequence[Row],
    types: Mapping[str, IncidentType],
    areas: Collection[str],
    questions: Mapping[str, Question],
    agencies: Collection[str],
    ladders: Collection[str],
    languages: Collection[str],
) -> tuple[Rule, ...]:
    def read(row: Row, code: str) -> Rule:
        return Rule(
            code=code,
            line=row.line,
            agency=TOWN if row.raw("agency") == TOWN else row.ref("agency", agencies, "agency", needed=True),
            accept=row.span("accept"),
            due=row.span("due"),
            ladder=row.ref("ladder", ladders, "ladder"),
            reason=row.name("reason", languages),
            types=read_types_of(row, types),
            areas=row.refs("areas", areas, "area"),
            hours=_hours(row),
            answers=_answers(row, questions),
            priority_max=row.whole("priority_max", 1, 5, 5),
        )

    if len(rows) > RULES_MAX:
        rows[RULES_MAX].bad("too_many_rows", max=RULES_MAX)
    return tuple(by_code(rows[:RULES_MAX], read).values())


def read_types_of(row: Row, types: Mapping[str, IncidentType]) -> tuple[str, ...]:
    """The patterns of the column `types`: codes, `group.*`, beginnings of codes."""
    patterns = row.listed("types")
    for pattern in patterns:
        if not pattern.endswith("*"):
            row.known(pattern, "types", types, "type")
        elif not any(names_type(pattern, type) for type in types.values()):
            groups = {f"{type.group}.*" for type in types.values()}
            row.bad("type_unknown", "types", value=pattern, hint=nearest(pattern, groups))
    return patterns


def _hours(row: Row) -> str:
    hours = row.raw("hours").replace(" ", "")
    if hours not in ("", "work", "off") and parse_period(hours) is None:
        row.bad("hours_bad", "hours")
        return ""
    return hours


def _answers(row: Row, questions: Mapping[str, Question]) -> dict[str, str]:
    answers: dict[str, str] = {}
    for each in row.listed("answers"):
        code, equals, value = each.partition("=")
        question = questions.get(row.known(code, "answers", questions, "question"))
        possible = _possible(question) if question else ()
        if not equals or not value or code in answers or (possible and value not in possible):
            row.bad("answer_bad", "answers", answer=each, possible=" ".join(possible) or "–")
            continue
        answers[code] = value
    return answers


def _possible(question: Question) -> tuple[str, ...]:
    if question.kind == "yesno":
        return "yes", "no"
    return tuple(value for value, _ in question.choices)
