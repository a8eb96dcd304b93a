"""Models over HTTP: the round retrain → gate → shadow → live → rollback, and who may do it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from huying.domain.modelling import WORDS_ONLY
from signed_in import Desk
from test_triage_command import labelled
from web_client import NOBODY, Web, open_web, person

PATIENCE_S = 240


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A house on disk with sixty labelled reports to learn from."""
    folder = tmp_path_factory.mktemp("models")
    reports = folder / "s.sqlite.models" / "reports"
    reports.mkdir(parents=True)
    labelled(reports / "good.csv")
    with open_web(str(folder / "s.sqlite"), "starter") as web:
        web.folder = folder  # type: ignore[attr-defined]
        yield web


@pytest.fixture(scope="module")
def admin(web: Web) -> Desk:
    return person(web, "administrator", "admin-1")


def ended(web: Web, admin: Desk) -> Any:
    """The job, once it is over."""
    nap = threading.Event()
    for _ in range(PATIENCE_S * 5):
        _, job = web.get("/api/models/job", auth=admin)
        if job["state"] != "running":
            return job
        nap.wait(0.2)
    raise AssertionError("the job never ended")


def facts(web: Web, type: str) -> list[Any]:
    return [each for each in web.house.questions.facts(0, 10_000) if each.type == type]


@pytest.mark.slow
def test_the_whole_round(web: Web, admin: Desk) -> None:
    status, found = web.get("/api/models", auth=admin)
    assert (status, found["live"]["digest"], found["models"], found["before"]) == (200, "", [], "")
    assert (found["reports"], found["audited_percent"]) == (1, 3)

    status, begun = web.post("/api/models/train", auth=admin)
    assert (status, begun["kind"], begun["state"]) == (200, "train", "running")
    status, second = web.post("/api/models/train", auth=admin)
    assert (status, second["code"]) == (409, "model_job_running")
    job = ended(web, admin)
    assert (job["state"], len(job["made"])) == ("done", 16)
    digest = job["made"]
    [made] = facts(web, "model.trained")
    assert (made.body.digest, made.actor) == (digest, "admin-1")
    [model] = web.get("/api/models", auth=admin)[1]["models"]
    assert model["card"]["texts"] == made.body.texts
    assert model["card"]["on_test_part"]["type"]["accuracy"] == 1.0
    assert model["judged"] is None

    status, early = web.post(f"/api/models/{digest}/live", {"now": ""}, auth=admin)
    assert (status, early["code"]) == (409, "model_not_gated")
    assert web.post(f"/api/models/{digest}/gate", auth=admin)[0] == 200
    job = ended(web, admin)
    assert (job["state"], job["passed"]) == ("done", True)
    [model] = web.get("/api/models", auth=admin)[1]["models"]
    assert (model["judged"]["passed"], model["roles"]) == (True, ["passed"])
    compared = {(each["test"], each["head"], each["measure"]) for each in model["judged"]["compared"]}
    assert ("frozen", "type", "accuracy") in compared
    assert ("frozen", "danger", "seen_10") in compared
    assert facts(web, "model.judged")[0].body.digest == digest

    assert web.post("/api/models/shadow", {"digest": digest}, auth=admin)[0] == 200
    web.house.models.refresh()
    web.call("三楼着火冒烟了")
    assert web.post(f"/api/models/{digest}/live", {"now": "", "why": "passed"}, auth=admin)[0] == 200
    web.house.models.refresh()
    found = web.get("/api/models", auth=admin)[1]
    assert (found["live"]["digest"], found["live"]["why"], found["before"]) == (digest, "passed", WORDS_ONLY)
    assert web.post("/api/understand", {"words": "着火冒烟了"})[1]["model"] == digest

    assert web.post("/api/models/watch", auth=admin)[0] == 200
    assert ended(web, admin)["state"] == "done"
    doing = web.get("/api/models/doing", auth=admin)[1]["doing"]
    assert (doing["calls"], doing["beside"]["digest"], doing["beside"]["calls"]) == (1, digest, 1)

    status, stale = web.post("/api/models/rollback", {"now": "0" * 16}, auth=admin)
    assert (status, stale["code"]) == (409, "model_moved")
    assert web.post("/api/models/rollback", {"now": digest}, auth=admin)[0] == 200
    # Pressed twice it goes back once: the second press still speaks of the model that was live before.
    assert web.post("/api/models/rollback", {"now": digest}, auth=admin)[1]["code"] == "model_moved"
    assert web.get("/api/models", auth=admin)[1]["live"]["digest"] == WORDS_ONLY
    assert web.post("/api/models/shadow", {}, auth=admin)[0] == 200
    assert web.get("/api/models", auth=admin)[1]["shadow"]["digest"] == ""


def test_a_job_is_ended_by_hand(web: Web, admin: Desk) -> None:
    web.post("/api/models/train", auth=admin)
    web.post("/api/models/job/stop", auth=admin)
    assert ended(web, admin)["state"] in ("stopped", "done")


@pytest.mark.slow
def test_what_a_job_refuses_is_said_in_words(web: Web, admin: Desk) -> None:
    folder: Path = web.folder  # type: ignore[attr-defined]
    empty = folder / "s.sqlite.models" / "reports" / "zz_other.csv"
    empty.write_text("a,b\n1,2\n", "utf-8")
    web.post("/api/models/train", auth=admin, headers={"Accept-Language": "en"})
    job = ended(web, admin)
    empty.unlink()
    assert (job["state"], job["made"]) == ("refused", "")
    assert "zz_other.csv" in job["says"]
    assert job["todo"]


@pytest.mark.parametrize("path", ["/api/models/train", "/api/models/shadow", f"/api/models/{'0' * 16}/live"])
def test_who_may_only_look_changes_nothing(web: Web, path: str) -> None:
    analyst = person(web, "analyst", "analyst-" + path.rsplit("/", 1)[1])
    before = web.house.questions.head().seq
    body = {"now": ""} if path.endswith("live") else {}
    status, said = web.post(path, body, auth=analyst)
    assert (status, said["code"]) == (403, "not_allowed")
    assert web.get("/api/models", auth=analyst)[0] == 200
    assert not [each for each in web.house.questions.facts(before, 100) if each.type.startswith("model.")]


def test_others_see_nothing_of_it(web: Web) -> None:
    clerk = person(web, "clerk", "clerk-1", agency="duty")
    for path in ("/api/models", "/api/models/doing", "/api/models/job"):
        assert web.get(path, auth=clerk)[0] == 403
        assert web.get(path, auth=NOBODY)[0] in (401, 403)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/models/nonsense/gate", {}),
        ("/api/models/..%2f..%2fetc/live", {"now": ""}),
        (f"/api/models/{'0' * 16}/gate", {}),
        (f"/api/models/{'0' * 16}/live", {}),
        (f"/api/models/{'0' * 16}/live", {"now": "", "why": "x" * 501}),
        ("/api/models/shadow", {"digest": "../../etc"}),
        ("/api/models/rollback", {"now": 5}),
    ],
)
def test_bad_requests_are_refused(web: Web, admin: Desk, path: str, body: dict[str, Any]) -> None:
    status, said = web.post(path, body, auth=admin)
    assert 400 <= status < 500
    assert said["code"]


def test_a_house_in_memory_says_that_it_can_not() -> None:
    with open_web() as web:
        admin = person(web, "administrator", "admin-9")
        status, said = web.get("/api/models", auth=admin)
        assert (status, said["code"]) == (422, "models_need_store")
