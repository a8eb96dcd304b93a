"""What the house never does, held by walking everything that it stores, says and publishes.

No table, column, address, fact or figure is about a person for analysis; and seeded names and numbers, put in
through the ways in, are in no file, line or answer that is made without a purpose.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from huying.cli import main
from huying.domain.call import Call
from huying.domain.facts import FACTS
from huying.domain.incident import Incident
from huying.privacy.redaction import HIDDEN, redact
from huying.service.questions import Counts, IncidentLine
from huying.store import schema
from web_client import NOBODY, Web, open_web

# Words for what is not a subject of analysis here; each stands alone or as a part of a name.
NEVER = (
    "person|people|suspect|offender|criminal|victim|score|risk|profile|watchlist|blacklist|face|voiceprint|biometr|"
    "ethnic|race|religion|faith|political|opinion|petition|nationality|gender|sexual|health_status|birth|age_of|"
    "id_card|identity_no|身份证|嫌疑|人员|评分|画像"
)
# What sounds like it and is of no person: how a drill went.
OF_NOBODY = ["DrillShown.score", "DrillRun.score"]
FOUND = re.compile(rf"(?:^|[_./])(?:{NEVER})(?:$|[_./s])", re.IGNORECASE)

# Text fields of facts about calls and incidents that hold codes of ours or of the pack, nobody's words.
_CODED = """
agency appeal asked_by at_field basis channel digest disposition how key kind kinds ladder lang part
road role rule rules scam second stated_type to type unit was
policy sent chosen
"""
CODED = frozenset(_CODED.split())
# Facts of the installation, its staff and its units; what callers say is in none of them.
_NOT_OF_CALLS = (
    "account. session. passkey. key. duty. sign_in. unit. pack. contact. drill. deployment. dispatch. model."
)
NOT_OF_CALLS = tuple(_NOT_OF_CALLS.split())

CANARIES = ("欧阳震宇", "13958613579", "33010619900307123X", "6228480402564890018", "zhenyu@canary.example")
SAID = "我叫{}，电话{}，身份证{}，卡号{}，邮箱{}，楼上噪音太吵".format(*CANARIES)


def test_the_words_are_found_when_they_are_there() -> None:
    assert FOUND.search("risk_score")
    assert FOUND.search("/api/persons")
    assert FOUND.search("incident.suspect")
    assert not FOUND.search("surface")
    assert not FOUND.search("image")


def test_no_table_and_no_column_is_about_a_person() -> None:
    names = [table.name for table in schema.metadata.sorted_tables]
    names += [f"{table.name}.{column.name}" for table in schema.metadata.sorted_tables for column in table.c]
    assert [name for name in names if FOUND.search(name)] == []


def test_no_fact_and_no_state_is_about_a_person() -> None:
    names = [f"{type}.{name}" for type, body in FACTS.items() for name in body.__struct_fields__]
    for state in (Call, Incident, IncidentLine, Counts):
        names += [f"{state.__name__}.{name}" for name in state.__struct_fields__]
    assert [name for name in names if FOUND.search(name)] == []


def test_every_text_of_a_fact_is_a_code_or_goes_when_its_time_is_over() -> None:
    """A new field with words must be named in `redaction.HIDDEN`, or here as a code."""
    unknown = [
        f"{type}.{field.name}"
        for type, body in FACTS.items()
        if not type.startswith(NOT_OF_CALLS)
        for field in msgspec.structs.fields(body)
        if "str" in str(field.type) and field.name not in HIDDEN and field.name not in CODED
    ]
    assert unknown == []


def test_redacting_leaves_no_word_in_any_fact() -> None:
    for type, body in FACTS.items():
        fields = {each.name: each for each in msgspec.structs.fields(body)}
        filled: dict[str, Any] = {
            name: SAID for name in HIDDEN if name in fields and fields[name].type is str
        }
        for each in fields.values():
            if each.required and each.name not in filled:
                filled[each.name] = {int: 1, str: "", float: 0.0, bool: False}.get(each.type, ())
        assert SAID not in repr(redact(body(**filled))), type


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


def test_no_address_and_no_field_of_the_api_is_about_a_person(web: Web) -> None:
    described = web.client.get("/openapi.json", auth=NOBODY).json()
    names = list(described["paths"])
    for name, shape in described.get("components", {}).get("schemas", {}).items():
        names += [name, *(f"{name}.{field}" for field in shape.get("properties", {}))]
    assert len(names) > 100
    assert [name for name in names if FOUND.search(name)] == OF_NOBODY


def has(text: str) -> list[str]:
    return [each for each in CANARIES if each in text or each.replace("X", "x") in text]


def test_seeded_names_and_numbers_are_in_nothing_without_a_purpose(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    """Through the desk, in bulk, and over Open311; then every door that asks for no purpose."""
    caplog.set_level(logging.DEBUG)
    made = web.call(SAID, contact={"name": CANARIES[0], "phone": CANARIES[1], "email": CANARIES[4]})
    line = msgspec.json.encode({"words": SAID, "contact": {"phone": CANARIES[1]}})
    web.client.post("/api/calls/bulk", content=line + b"\n")
    form = {"service_code": "city.noise", "address_string": "West Market", "description": SAID}
    web.client.post("/open311/v2/requests.json", data=form | {"phone": CANARIES[1]}, auth=NOBODY)
    web.post(f"/api/incidents/{made['incident_id']}/close", {"why": ""})
    web.client.post("/api/calls", content=SAID.encode())
    heard = []
    for path in ("/healthz", "/api/pack", "/api/words/zh", "/openapi.json", f"/api/incidents/{SAID[:60]}"):
        heard.append(web.client.get(path, auth=NOBODY).text)
    for path in (
        "/api/stream",
        "/api/calls",
        "/api/incidents",
        "/api/notices",
        f"/api/calls/{made['call_id']}",
    ):
        heard.append(web.client.get(path, auth=NOBODY).text)
    heard.append(web.client.get("/api/incidents").text)  # titles are on every list
    assert has("".join(heard)) == []
    # The client of the test writes down the addresses that it asks; that is no log of the house.
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]
    assert has("\n".join(ours)) == []


def test_exports_and_published_tables_hold_none_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, address = tmp_path / "calls.csv", str(tmp_path / "city.db")
    source.write_text(f"id,said\n1,{SAID}\n2,路灯坏了\n", "utf-8")
    with open_web(address, "starter") as web:
        web.call(SAID, contact={"name": CANARIES[0], "phone": CANARIES[1]}, answers={"who": SAID})
        web.post(f"/api/incidents/{web.call('漏水')['incident_id']}/notes", {"words": SAID})
    store = ["--store", address]
    assert main(["export", str(tmp_path / "facts.ndjson"), *store]) == 0
    assert main(["export", str(tmp_path / "facts.parquet"), "--parquet", *store]) == 0
    month = ["release", "--month", "2026-03", "--pack", "starter", *store]
    assert main(month) == 0
    assert main([*month, "--noise", "0.5"]) == 0
    assert main(["mask", str(source), "--text", "said", "--to", str(tmp_path / "masked.csv")]) == 0
    assert main(["verify", *store]) == 0
    told = capsys.readouterr()
    assert has(told.out + told.err) == []
    parquet = pytest.importorskip("pyarrow.parquet").read_table(tmp_path / "facts.parquet")
    assert has(str(parquet.to_pylist())) == []
    for name in ("facts.ndjson", "masked.csv", "city.db.releases"):
        text = (tmp_path / name).read_text("utf-8")
        assert text
        assert has(text) == [], name
