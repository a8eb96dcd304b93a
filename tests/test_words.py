"""Whatever the system can say, it can say in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from huying.base.refusal import STATUS, Refusal
from huying.base.text import LANGUAGES, say
from huying.domain.facts import FACTS
from huying.domain.principal import Role
from huying.domain.statuses import INCIDENT, TABLES, step
from huying.words import load_words
from huying.words.explain import explain
from tiny_pack import tiny_pack

SRC = Path(__file__).resolve().parent.parent / "src" / "huying"
WORDS = SRC / "words"
BY_LANGUAGE = load_words().by_language
SLOT = re.compile(r"\{(\w+)\}")


@cache
def calls() -> list[tuple[str, ast.Call, str]]:
    """Every call of something by its bare name: where, the call, the name."""
    return [
        (f"{path.relative_to(SRC)}:{node.lineno}", node, node.func.id)
        for path in sorted(SRC.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]


def built(name: str) -> Iterator[tuple[str, str, set[str] | None]]:
    """Every `name("key", …)` in the code: where, the key, and the names it hands over (None: not known)."""
    for where, node, called in calls():
        if called != name:
            continue
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            names = {each.arg for each in node.keywords if each.arg is not None}
            all_known = all(each.arg is not None for each in node.keywords)
            yield where, node.args[0].value, names if all_known else None


def test_both_languages_have_the_same_rooms_and_the_same_keys() -> None:
    rooms = {lang: {path.name for path in (WORDS / lang).glob("*.toml")} for lang in LANGUAGES}
    assert rooms["zh"] == rooms["en"]
    assert set(BY_LANGUAGE["zh"]) ^ set(BY_LANGUAGE["en"]) == set()


def test_both_languages_fill_the_same_slots() -> None:
    for key, sentence in BY_LANGUAGE["zh"].items():
        assert set(SLOT.findall(sentence)) == set(SLOT.findall(BY_LANGUAGE["en"][key])), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_empty(lang: str) -> None:
    assert [key for key, sentence in BY_LANGUAGE[lang].items() if not sentence.strip()] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_role_has_a_name(lang: str) -> None:
    assert {f"role.{each}" for each in Role} <= set(BY_LANGUAGE[lang])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_refusal_says_what_happened_and_what_to_do(lang: str) -> None:
    used = {code for _, code, _ in built("Refusal")} | set(STATUS)
    missing = {f"refusal.{code}{end}" for code in used for end in ("", ".do")} - set(BY_LANGUAGE[lang])
    assert missing == set()


def test_every_slot_of_a_refusal_is_handed_over_where_it_is_raised() -> None:
    faults = []
    for where, code, names in built("Refusal"):
        for key in (f"refusal.{code}", f"refusal.{code}.do"):
            slots = set(SLOT.findall(BY_LANGUAGE["en"].get(key, "")))
            if names is not None and not slots <= names:
                faults.append(f"{where}: {key} names {sorted(slots - names)}")
    assert faults == []


def test_every_status_a_refusal_names_is_that_of_a_known_sentence() -> None:
    assert {code for code in STATUS if f"refusal.{code}" not in BY_LANGUAGE["en"]} == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_has_a_sentence(lang: str) -> None:
    used = {f"reason.{key}" for _, key, _ in built("Reason")}
    assert used - set(BY_LANGUAGE[lang]) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_arrow_has_a_sentence_and_every_sentence_an_arrow(lang: str) -> None:
    arrows = {f"arrow.{noun}.{at}.{to}" for noun, table in TABLES.items() for at, to in table}
    assert {key for key in BY_LANGUAGE[lang] if key.startswith("arrow.")} == arrows


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_noun_and_every_status_has_a_name(lang: str) -> None:
    names = {f"noun.{noun}" for noun in TABLES}
    names |= {f"status.{noun}.{end}" for noun, table in TABLES.items() for arrow in table for end in arrow}
    assert names - set(BY_LANGUAGE[lang]) == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fact_has_a_sentence_with_slots_that_it_fills(lang: str) -> None:
    for name, payload in FACTS.items():
        slots = set(SLOT.findall(BY_LANGUAGE[lang][f"fact.{name}"]))
        assert slots <= set(payload.__struct_fields__), name
    assert {key for key in BY_LANGUAGE[lang] if key.startswith("fact_name.")} == {
        f"fact_name.{name}" for name in FACTS
    }


def test_a_refusal_speaks_the_language_of_the_asker() -> None:
    with pytest.raises(Refusal) as caught:
        step("incident", INCIDENT, "closed", "resolved")
    in_english = explain(caught.value, "en")
    assert in_english.sentence == (
        "The incident is “closed”; from there it can't become “resolved, caller being asked”."
    )
    assert in_english.todo == "What it can become now: open."
    assert explain(caught.value, "zh").sentence == "警情现在是“已闭环”，不能转为“已办结待回访”。"


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert explain(Refusal("never_heard_of"), "en").sentence == "refusal.never_heard_of"


def test_who_stands_in_the_way_is_called_by_name() -> None:
    """A dispatcher at a refused step knows units and agencies, not their codes; programs keep the codes."""
    pack = tiny_pack()
    unit, agency = next(iter(pack.units.values())), next(iter(pack.agencies.values()))
    refused = Refusal("work_unfinished", id=1, what=f"{unit.code}, {agency.code}, x-9")
    for lang, comma in (("zh", "、"), ("en", ", ")):
        called = comma.join((say(unit.name, lang), say(agency.name, lang), "x-9"))
        assert called in explain(refused, lang, pack).sentence
    busy = Refusal("unit_busy", unit=unit.code, incident=1, by="demo-dispatcher", at=0)
    assert "sent by dispatcher" in explain(busy, "en", pack).sentence
