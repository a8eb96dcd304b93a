"""The record over HTTP and on the command line, as an outsider asks for it."""

from __future__ import annotations

import json
import sqlite3
import time
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from huying.base.clock import MINUTE
from huying.cli import main
from huying.cli.exits import Exit
from huying.record.checkpoint import read_checkpoint
from huying.record.note import read_vkey
from huying.store import tree
from tiny_pack import IN_EAST
from web_client import NOBODY, Web, key_of, open_web, person


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web() as opened:
        for i in range(12):
            opened.call(f"路灯不亮 {i}")
        until_signed(opened)
        opened.call("路灯又不亮")
        opened.clock.at += MINUTE
        opened.call("路灯还是不亮")
        until_signed(opened)
        yield opened


def until_signed(web: Web) -> int:
    """The writer's thread signs after it has answered; the size of the newest checkpoint by then."""
    web.clock.at += MINUTE
    head = web.get("/healthz")[1]["head"]
    while (size := web.get("/api/record")[1]["size"]) < head:
        pass
    return int(size)


def text(web: Web, path: str) -> str:
    answer = web.client.get(f"/api/record/{path}", auth=person(web, "auditor", "onlooker"))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_record_says_who_signs_and_how_it_stands(web: Web) -> None:
    status, told = web.get("/api/record")
    assert (status, told["fault"], told["witnesses"]) == (200, "", [])
    note = read_checkpoint(text(web, "checkpoint"))[1]
    assert [read_vkey(each).signed(note) for each in told["keys"]] == [True]
    assert note.body.startswith(told["origin"] + "\n")
    health = web.get("/healthz")[1]
    later = web.get("/api/record")[1]  # who has looked is on record a moment after
    assert health["status"] == "ok"
    assert told["size"] <= health["record"]["size"] <= later["size"]


def test_tiles_make_the_root_and_entries_make_the_tiles(web: Web) -> None:
    point = read_checkpoint(text(web, "checkpoint"))[0]
    answer = web.client.get(f"/api/record/tile/0/000.p/{point.size}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "immutable" in answer.headers["cache-control"]
    assert tree.fold(tree.cut(answer.content)) == point.root
    entries = f"/api/record/tile/entries/000.p/{point.size}"
    packed = web.client.get(entries, auth=person(web, "auditor", "onlooker")).content
    leaves = b""
    while packed:
        end = 2 + int.from_bytes(packed[:2])
        leaves += sha256(b"\0" + packed[2:end]).digest()
        packed = packed[end:]
    assert leaves == answer.content
    assert "路灯" not in leaves.decode("latin-1")


def test_a_proof_and_growth(web: Web) -> None:
    told = text(web, "proof/5")
    head, _, note = told.partition("\n\n")
    lines = head.split("\n")
    point = read_checkpoint(note)[0]
    fact = json.loads(b64decode(lines[1].removeprefix("extra ")))
    assert fact["body"] is None
    header = [fact[key] for key in ("seq", "stream", "version", "type", "at", "actor", "purpose")]
    packed = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    leaf = sha256(b"\0" + packed + bytes.fromhex(fact["digest"])).digest()
    assert tree.includes(leaf, 4, point.size, [b64decode(each) for each in lines[3:]], point.root)


def test_consistency_between_two_checkpoints(web: Web) -> None:
    new = read_checkpoint(text(web, "checkpoint"))[0]
    sizes = [s for s in range(1, new.size) if web.client.get(f"/api/record/checkpoint?size={s}").is_success]
    old = read_checkpoint(text(web, f"checkpoint?size={sizes[-1]}"))[0]
    told = web.get(f"/api/record/consistency?old={old.size}&size={new.size}")[1]
    path = [b64decode(each) for each in told["proof"]]
    assert tree.consistent(old.size, old.root, new.size, new.root, path)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("checkpoint?size=999", "no_checkpoint"),
        ("checkpoint?cosigned=1", "no_checkpoint"),
        ("tile/0/000", "not_found"),
        ("tile/0/nonsense", "no_such_address"),
        ("tile/9/000.p/1", "not_found"),
        ("proof/99999", "not_found"),
        ("consistency?old=7&size=5", "not_found"),
    ],
)
def test_what_is_not_there_is_said(web: Web, path: str, code: str) -> None:
    assert web.get(f"/api/record/{path}")[1]["code"] == code


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("record") / "city.sqlite")
    with open_web(path) as opened:
        for i in range(6):
            opened.call(f"噪音 {i}")
        until_signed(opened)
    return path


def test_the_command_shows_checkpoint_proof_and_key(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record", "key", "--store", store, "--json"]) == Exit.OK
    (vkey,) = json.loads(capsys.readouterr().out)["keys"]
    assert main(["record", "checkpoint", "--store", store]) == Exit.OK
    point, note = read_checkpoint(capsys.readouterr().out)
    assert read_vkey(vkey).signed(note)
    assert main(["record", "prove", "3", "--store", store]) == Exit.OK
    assert capsys.readouterr().out.endswith(note.text)
    assert main(["record", "prove", str(point.size + 1), "--store", store]) == Exit.REFUSED


def test_the_command_keeps_a_folder_up_to_date(
    store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", "export", str(tmp_path / "out"), "--store", store]) == Exit.OK
    point = read_checkpoint((tmp_path / "out" / "checkpoint").read_text("utf-8"))[0]
    hashes = (tmp_path / "out" / "tile" / "0" / f"000.p/{point.size}").read_bytes()
    assert tree.fold(tree.cut(hashes)) == point.root
    assert (tmp_path / "out" / "tile" / "entries" / f"000.p/{point.size}").exists()
    assert main(["record", "export", str(tmp_path / "out"), "--store", store]) == Exit.OK
    (tmp_path / "file").touch()
    assert main(["record", "export", str(tmp_path / "file" / "x"), "--store", store]) == Exit.REFUSED


def test_a_key_is_changed_in_two_steps(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    def keys(*command: str) -> list[str]:
        assert main(["record", *command, "--store", store, "--json"]) == Exit.OK
        found: list[str] = json.loads(capsys.readouterr().out.splitlines()[-1])["keys"]
        return found

    (old,) = keys("key")
    new, before = keys("rotate")
    assert before == old
    with open_web(store) as opened:
        opened.clock.at += 10 * MINUTE
        opened.call("噪音")
        until_signed(opened)
        note = read_checkpoint(text(opened, "checkpoint"))[1]
    assert [read_vkey(each).signed(note) for each in (old, new)] == [True, True]
    assert keys("rotate", "--done") == [new]


def test_a_key_that_is_given_itself_is_not_changed(
    store: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUYING_KEYS", "ab" * 32 + ":" + "cd" * 32)
    assert main(["record", "rotate", "--store", store]) == Exit.REFUSED


def test_verify_takes_what_was_kept_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "city.sqlite")
    with open_web(store) as opened:
        opened.call("噪音")
        until_signed(opened)
    main(["record", "export", str(tmp_path / "mirror"), "--store", store])
    main(["record", "key", "--store", store, "--json"])
    (vkey,) = json.loads(capsys.readouterr().out.splitlines()[-1])["keys"]
    kept = str(tmp_path / "mirror" / "checkpoint")
    with_all = ["verify", "--store", store, "--key", vkey, "--checkpoint", kept]
    assert main([*with_all, "--mirror", str(tmp_path / "mirror"), "--json"]) == Exit.OK
    told = json.loads(capsys.readouterr().out)
    assert told["signed"] == told["facts"]
    assert main([*with_all, "--need", "1"]) == Exit.REFUSED
    assert main([*with_all, "--mirror", str(tmp_path)]) == Exit.REFUSED
    with sqlite3.connect(store) as behind:
        behind.execute("UPDATE fact SET actor = 'x' WHERE seq = 2")
    assert main([*with_all, "--json"]) == Exit.REFUSED
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["bad_seq"] == 2


def test_the_whole_journal_is_checked_while_the_house_works(web: Web) -> None:
    assert web.client.get("/api/record/check", auth=NOBODY).status_code == 401
    assert web.get("/api/record/check")[1]["state"] == "never"
    web.call("路灯不亮")
    assert web.post("/api/record/check", {})[1]["state"] in ("running", "done")
    for _ in range(200):
        found = web.get("/api/record/check")[1]
        if found["state"] == "done":
            break
        time.sleep(0.05)
    assert (found["state"], found["fault"]) == ("done", ""), found
    assert found["done"] == found["total"] > 0
    assert str(found["total"]) in found["says"]
    assert web.post("/api/record/check", {})[1]["at"] == found["at"], "asked again at once, it is the same"


def test_the_tail_tells_who_did_what_when_and_nothing_that_was_said(web: Web) -> None:
    web.call("老城口有人摔伤")
    entries = web.get("/api/record/tail?limit=5")[1]["items"]
    assert [each["seq"] for each in entries] == sorted((each["seq"] for each in entries), reverse=True)
    assert entries[0]["seq"] == web.get("/healthz")[1]["head"]
    assert set(entries[0]) == {"seq", "stream", "version", "type", "at", "actor"}
    assert web.client.get("/api/record/tail", auth=NOBODY).status_code == 401


def test_who_did_what_is_told_as_far_as_rules_show_it(web: Web) -> None:
    """All of it to oversight and to a key for the record; nothing to who sees a part of the incidents."""
    web.clock.at += MINUTE
    incident = web.call("老城口有人摔伤", lat=IN_EAST[0], lon=IN_EAST[1])["incident_id"]
    size = until_signed(web)
    entries, tail, proof = f"tile/entries/000.p/{size}", "tail?limit=29", f"proof/{incident}"
    onlooker = person(web, "auditor", "onlooker")
    li = person(web, "dispatcher", "li-9", name="李敏")
    assert web.post(f"/api/incidents/{incident}/notes", {"words": "到路口等"}, auth=li)[0] == 200
    told = web.get(f"/api/record/{tail}", auth=onlooker)[1]
    whole, called = told["items"], told["names"]
    (noted,) = [each for each in whole if each["type"] == "incident.note_added"]
    assert called[noted["actor"]] == "李敏"
    assert {"call.received", "incident.opened"} < {each["type"] for each in whole}
    outsiders: list[dict[str, Any]] = [{"auth": NOBODY, "headers": key_of(web, "read", name="water")}]
    for role, more in (("clerk", {"agency": "fire"}), ("unit", {"unit": "f1"}), ("analyst", {})):
        outsiders.append({"auth": person(web, role, f"{role}-9", **more)})
    outsiders += [
        {"auth": person(web, "supervisor", "west-9", areas=("west",))},
        {"auth": person(web, "administrator")},
    ]
    for asker in outsiders:
        assert web.client.get(f"/api/record/{entries}", **asker).status_code == 403
        seen = web.client.get(f"/api/record/{tail}", **asker).json().get("items", [])
        assert {each["type"].partition(".")[0] for each in seen}.isdisjoint(
            {"call", "incident", "deadline", "contact"}
        )
        assert "extra" not in web.client.get(f"/api/record/{proof}", **asker).text
    program: dict[str, Any] = {"auth": NOBODY, "headers": key_of(web, "record", name="ombudsman")}
    for asker in (program, {"auth": onlooker}):
        assert b"incident.opened" in web.client.get(f"/api/record/{entries}", **asker).content
        told = web.get(f"/api/record/{tail}", **asker)[1]
        assert told["items"][-1]["actor"]
        assert bool(told["names"]) == (asker is not program), "a program learns codes, never names"
        assert "extra" in web.client.get(f"/api/record/{proof}", **asker).text
