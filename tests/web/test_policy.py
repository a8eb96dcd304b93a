"""Crossing the table of rules: by address, by API, by a stale token, by another agency's id, by a cursor."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from huying.base.clock import DAY, HOUR
from huying.base.refusal import Refusal
from huying.cli.console import Console
from huying.cli.looked import tell_looked
from tiny_pack import IN_EAST, IN_WEST
from web_client import NOBODY, Web, key_of, open_web, person

# What a caller said and how they are reached; neither may ever be where no rule shows it.
SAID, PHONE = "金丝雀昨晚一直唱歌太吵", "13711112222"


@pytest.fixture
def web() -> Iterator[Web]:
    with open_web() as made:
        yield made


def point(at: tuple[float, float]) -> dict[str, float]:
    return {"lat": at[0], "lon": at[1]}


def noise(web: Web, at: tuple[float, float] = IN_WEST) -> tuple[int, int, int]:
    """A call about noise, which goes to `urban`: (incident, call, contact)."""
    contact = {"name": "王小明", "phone": PHONE}
    told = web.call(SAID, stated_type="city.noise", contact=contact, **point(at))
    story = web.story(told["incident_id"])
    return told["incident_id"], told["call_id"], story["calls"][0]["contact"]


def flush(web: Web) -> None:
    in_the_house(web, web.state["desk"].looks.flush)


def in_the_house(web: Web, doing: Callable[[], Awaitable[None]]) -> None:
    """Run something in the server's own event loop."""
    with web.client.portal() as portal:
        portal.call(doing)


def test_another_agencys_incident_is_refused_with_the_rule_and_whom_to_ask(web: Web) -> None:
    incident, call, _ = noise(web)
    urban, fire = person(web, "clerk", "u-1", agency="urban"), person(web, "clerk", "f-1", agency="fire")
    assert web.get(f"/api/incidents/{incident}", auth=urban)[1]["calls"][0]["words"] == SAID
    for address in (f"/api/incidents/{incident}", f"/api/calls/{call}"):
        status, told = web.get(address, auth=fire, headers={"Accept-Language": "en"})
        assert (status, told["code"]) == (403, "not_allowed")
        assert told["params"]["rule"].startswith("agency.") and told["params"]["missing"] == "own_agency"
        assert "shift supervisor" in told["detail"] and "own agency" in told["title"]
        assert SAID not in str(told)
    status, told = web.post(f"/api/incidents/{incident}/referrals/1/accept", auth=fire)
    assert (status, told["code"]) == (403, "not_allowed")
    assert web.get("/api/incidents", auth=fire)[1]["items"] == []
    assert web.get("/api/incidents?agency=urban", auth=fire)[1]["items"] == []
    assert len(web.get("/api/referrals", auth=urban)[1]["items"]) == 1
    assert web.get("/api/referrals?agency=urban", auth=fire)[1]["items"] == []


def test_words_go_when_the_case_is_closed(web: Web) -> None:
    incident, call, _ = noise(web)
    urban = person(web, "clerk", "u-1", agency="urban")
    web.post(f"/api/incidents/{incident}/close", {"why": "done"})
    told = web.get(f"/api/incidents/{incident}", auth=urban)[1]
    assert told["calls"] == [] and "call.words" in told["hidden"]
    assert web.get(f"/api/calls/{call}", auth=urban)[1]["params"]["missing"] == "open_case"


OUTSIDERS: dict[str, dict[str, Any]] = {
    "analyst": {},
    "auditor": {},
    "administrator": {},
    "data_officer": {"elevate": False},
    "clerk": {"agency": "fire"},
    "unit": {"unit": "f1"},
    "supervisor": {"areas": ("east",)},
}


@pytest.mark.parametrize("role", [*OUTSIDERS, "partner"])
def test_who_never_sees_words_sees_them_nowhere(web: Web, role: str) -> None:
    """Nor by a command that is not theirs: what it is refused for tells nothing of the incident's state."""
    incident, call, contact = noise(web)
    if role == "partner":
        asker: Any = NOBODY
        web.client.headers.update(key_of(web, "read", "work"))
    else:
        asker = person(web, role, "outsider", **OUTSIDERS[role])
    paths = web.get("/openapi.json")[1]["paths"]
    fill = {"{incident}": incident, "{call}": call, "{contact}": contact, "{n}": 1, "{unit}": "p1"}
    asked = 0
    for path, methods in paths.items():
        for name, value in fill.items():
            path = path.replace(name, str(value))
        if "post" in methods and path.startswith(f"/api/incidents/{incident}/"):
            told = web.client.post(path, auth=asker, json={"why": "x", "version": 99}).text
            assert SAID[:6] not in told and "stale" not in told and "already" not in told, (path, told)
        if "{" in path or path == "/api/stream" or "get" not in methods:
            continue
        for purpose in ("", "answer", "handle", "analyse", "audit", "operate", "emergency"):
            answer = web.client.get(path, auth=asker, headers={"Huying-Purpose": purpose} if purpose else {})
            asked += 1
            assert SAID[:6] not in answer.text and PHONE not in answer.text, path
            assert answer.status_code < 500, path
    assert asked > 60


def test_a_purpose_that_no_rule_knows_is_refused(web: Web) -> None:
    incident, _, _ = noise(web)
    at = f"/api/incidents/{incident}"
    assert web.get(at, headers={"Huying-Purpose": "curiosity"})[1]["code"] == "purpose_unknown"
    status, told = web.get(at, headers={"Huying-Purpose": "analyse"})
    assert (status, told["params"]["missing"]) == (403, "purpose")


def test_areas_bound_what_a_supervisor_sees(web: Web) -> None:
    here, _, _ = noise(web, IN_WEST)
    there, _, _ = noise(web, IN_EAST)
    west = person(web, "supervisor", "w-1", areas=("west",))
    assert [each["id"] for each in web.get("/api/incidents", auth=west)[1]["items"]] == [here]
    assert web.get(f"/api/incidents/{there}", auth=west)[1]["params"]["missing"] == "same_area"
    status, told = web.post(f"/api/incidents/{there}/close", {"why": "x"}, auth=west)
    assert (status, told["code"]) == (403, "not_allowed")
    assert web.story(there)["incident"]["status"] != "closed"


def test_a_cursor_of_somebody_else_opens_nothing(web: Web) -> None:
    ids = [noise(web, IN_WEST if n % 2 else IN_EAST)[0] for n in range(6)]
    west = person(web, "supervisor", "w-1", areas=("west",))
    cursor = web.get("/api/incidents?limit=2")[1]["next"]
    items = web.get(f"/api/incidents?limit=50&cursor={cursor}", auth=west)[1]["items"]
    assert [each["id"] for each in items] == [ids[3], ids[1]]
    cursor = web.get("/api/referrals?limit=2")[1]["next"]
    items = web.get(f"/api/referrals?cursor={cursor}", auth=west)[1]["items"]
    assert {each["incident"] for each in items} <= {ids[n] for n in (1, 3, 5)}


def test_an_idempotency_key_of_somebody_else_tells_nothing(web: Web) -> None:
    incident, _, contact = noise(web)
    taker, fire = person(web, "call_taker"), person(web, "clerk", "f-1", agency="fire")
    at = f"/api/incidents/{incident}/contacts/{contact}/open"
    headers = {"Idempotency-Key": "k1"}
    assert web.post(at, auth=taker, headers=headers)[0] == 200
    assert web.post(at, auth=fire, headers=headers)[1]["code"] == "not_allowed"


def test_a_stale_proof_and_a_stale_session_open_nothing(web: Web) -> None:
    incident, _, contact = noise(web)
    at = f"/api/incidents/{incident}/contacts/{contact}/open"
    tired = person(web, "call_taker", "t-1", elevate=False)
    assert web.post(at, auth=tired)[1]["params"]["missing"] == "elevated"
    fresh = person(web, "call_taker", "t-2")
    assert web.post(at, auth=fresh)[0] == 200
    cookie = {"cookie": fresh.cookie(), "origin": "http://testserver.local"}
    web.clock.at += HOUR
    told = web.client.post(at, headers=cookie, auth=NOBODY, json={}).json()
    assert told["code"] in ("not_allowed", "session_locked")
    web.clock.at += DAY
    assert web.client.post(at, headers=cookie, auth=NOBODY, json={}).json()["code"] == "session_over"


def test_a_role_that_was_changed_counts_at_once_under_the_lock(web: Web) -> None:
    """Off duty people see nothing, whatever their page still shows."""
    incident, _, _ = noise(web)
    night = person(web, "supervisor", "s-1")
    assert web.get(f"/api/incidents/{incident}", auth=night)[0] == 200
    web.clock.at += 11 * HOUR  # past the end of the day shift
    night.until = 1 << 62  # goes on with the session of the day
    status, told = web.post(f"/api/incidents/{incident}/notes", {"words": "x"}, auth=night)
    assert (status, told["code"]) in ((403, "not_allowed"), (401, "session_over"), (423, "session_locked"))


def test_a_partners_program_has_its_agencys_part_and_no_contact(web: Web) -> None:
    incident, _, contact = noise(web)
    reads = key_of(web, "read", "work", name="urban-app")
    assert web.get("/api/incidents", headers=reads)[1]["items"] == []
    status, told = web.post(f"/api/incidents/{incident}/contacts/{contact}/open", headers=reads)
    assert (status, told["code"]) == (403, "not_allowed")
    assert web.get("/api/units", headers=reads)[1]["code"] == "not_allowed"


def test_the_public_sees_what_is_public(web: Web) -> None:
    incident, call, _ = noise(web)
    rows = web.client.get("/open311/v2/requests.json", auth=NOBODY).json()
    assert [row["description"] for row in rows] == [""]  # what was said on the telephone stays with the desk
    assert SAID not in str(rows) and PHONE not in str(rows)
    assert web.get(f"/api/incidents/{incident}", auth=NOBODY)[0] == 401
    fight = web.call("打架 " + SAID, **point(IN_WEST))["call_id"]
    found = web.client.get(f"/open311/v2/requests/{fight}.json", auth=NOBODY)
    assert found.status_code == 404
    assert web.client.get(f"/open311/v2/requests/{call}.json", auth=NOBODY).status_code == 200


def test_a_hidden_place_is_not_found_by_searching_for_it(web: Web) -> None:
    noise(web)
    status, told = web.get("/api/incidents?box=28,121,29,122", auth=person(web, "data_officer"))
    assert (status, told["code"]) == (403, "field_hidden")
    items = web.get("/api/incidents", auth=person(web, "data_officer"))[1]["items"]
    assert [(each["title"], each["lat"], each["address"]) for each in items] == [("", None, "")]


# ── looks ───────────────────────────────────────────────────────────────────────────────────────────────
def test_what_a_list_hides_is_not_found_by_asking_for_it(web: Web) -> None:
    """Whose it is, and what was said where, guessed at until an answer says that it was nearly right."""
    noise(web)
    guess = {"words": SAID, "stated_type": "city.noise", **point(IN_WEST)}
    assert web.post("/api/understand", guess)[1]["alike"], "the desk is told of it"
    for role in ("analyst", "data_officer", "auditor"):
        asker = person(web, role)
        assert web.get("/api/incidents", auth=asker)[1]["items"]
        for query in ("agency=urban", "duty_desk=false"):
            status, told = web.get(f"/api/incidents?{query}", auth=asker)
            assert (status, told["code"]) == (403, "field_hidden"), (role, query)
        assert web.post("/api/understand", guess, auth=asker)[1]["alike"] == [], role


def test_who_looked_is_told_line_by_line(web: Web) -> None:
    incident, call, contact = noise(web)
    urban, taker = person(web, "clerk", "u-1", agency="urban"), person(web, "call_taker")
    officer = person(web, "data_officer")
    web.get(f"/api/incidents/{incident}", auth=urban)
    web.get(f"/api/incidents/{incident}", auth=urban)  # the same look, a moment later
    web.post(f"/api/incidents/{incident}/contacts/{contact}/open", auth=taker)
    flush(web)
    status, told = web.get(f"/api/calls/{call}/looks", auth=officer)
    assert status == 200
    lines = {(each["actor"], each["what"], each["purpose"], each["rule"]) for each in told["items"]}
    assert len(told["items"]) == 3 and lines == {
        ("desk-1", "words", "answer", "desk.calls"),  # the test itself looked
        ("u-1", "words", "handle", "agency.calls"),
        ("call_taker", "contact", "answer", "desk.contact"),
    }
    assert web.get(f"/api/calls/{call}/looks", auth=urban)[1]["code"] == "not_allowed"


def test_the_person_is_given_an_extract_in_both_languages(web: Web) -> None:
    told = web.call(SAID, stated_type="city.noise", contact={"phone": PHONE}, **point(IN_WEST))
    contact = web.story(told["incident_id"])["calls"][0]["contact"]
    at = f"/api/incidents/{told['incident_id']}/contacts/{contact}/open"
    assert web.post(at, auth=person(web, "call_taker"))[0] == 200
    flush(web)
    for subject in (told["code"], str(contact)):
        paper = io.StringIO()
        tell_looked(web.house, Namespace(code=subject), Console("en", json=False, out=paper))
        shown = paper.getvalue()
        assert "desk-1  read what was said; for: answering calls; rule: desk.calls" in shown
        assert "call_taker  打开了联系方式；用途：接处警；规则：desk.contact" in shown
        assert PHONE not in shown and SAID not in shown
    with pytest.raises(Refusal):
        tell_looked(web.house, Namespace(code="7"), Console("en", json=False))


def test_what_is_not_shown_is_no_look_and_lists_are_none(web: Web) -> None:
    incident, call, _ = noise(web)
    officer, analyst = person(web, "data_officer"), person(web, "analyst")
    web.get("/api/incidents", auth=analyst)
    web.get(f"/api/incidents/{incident}", auth=analyst)
    flush(web)
    told = web.get(f"/api/calls/{call}/looks", auth=officer)[1]
    assert {each["actor"] for each in told["items"]} == {"desk-1"}


def test_looks_are_on_record_when_the_house_closes() -> None:
    with open_web() as web:
        incident, _, _ = noise(web)
        questions = web.house.questions
        desk = web.state["desk"]
        assert web.get(f"/api/incidents/{incident}")[0] == 200
        in_the_house(web, desk.looks.stop)
        assert [each.type for each in questions.facts(0, 1_000)].count("look.recorded") >= 1


# ── broken glass over HTTP ──────────────────────────────────────────────────────────────────────────────
def test_broken_glass_shows_the_incident_and_is_reviewed(web: Web) -> None:
    incident, call, _ = noise(web)
    fire, lead = person(web, "clerk", "f-1", agency="fire"), person(web, "supervisor", "lead")
    emergency: dict[str, Any] = {"headers": {"Huying-Purpose": "emergency"}, "auth": fire}
    assert web.get(f"/api/calls/{call}", **emergency)[1]["params"]["missing"] == "glass"
    assert web.post(f"/api/incidents/{incident}/glass", {"why": "煤气味，要核实"}, **emergency)[0] == 200
    assert web.get(f"/api/calls/{call}", **emergency)[1]["words"] == SAID
    told = web.get("/api/notices")[1]["items"]
    assert {each["to"] for each in told} == {"role.supervisor", "role.data_officer"}
    status, told = web.post(f"/api/incidents/{incident}/glass/1/review", {"proper": True}, auth=lead)
    assert status == 200, told
    assert web.story(incident)["incident"]["glass"][0]["reviewed_by"] == "lead"


def test_who_was_refused_what_is_in_the_log_and_no_words(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    """At the edge, and by a rule that is asked under the lock."""
    made = web.call("楼上太吵，我叫王小明")
    analyst, fire = person(web, "analyst"), person(web, "clerk", "f-1", agency="fire")
    caplog.clear()
    assert web.get(f"/api/calls/{made['call_id']}", auth=analyst)[0] == 403
    assert web.post(f"/api/incidents/{made['incident_id']}/notes", {"words": "x"}, auth=fire)[0] == 403
    lines = [each.getMessage() for each in caplog.records if each.name == "huying.policy"]
    assert len(lines) == 2
    assert lines[0].startswith("refused: analyst action=read thing=call purpose=")
    assert lines[1].startswith("refused: f-1 action=note thing=incident purpose=handle")
    assert "王小明" not in caplog.text
