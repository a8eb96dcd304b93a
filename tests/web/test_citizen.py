"""A citizen's pages over HTTP, as a browser without scripts asks for them."""

from __future__ import annotations

import gzip
import html
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from huying.base.clock import DAY, HOUR
from huying.base.text import LANGUAGES
from huying.domain.commands import AcceptReferral, ResolveReferral
from huying.domain.commands import Envelope as Sent
from huying.web.citizen.following import bare_code, shown_code
from huying.web.citizen.when import when
from huying.words import load_words
from tiny_pack import IN_WEST, MONDAY_10, instant, tiny_pack
from web_client import NOBODY, Web, open_web

PAGES = Path(__file__).resolve().parents[2] / "src" / "huying" / "web" / "citizen"
OWN = {"sec-fetch-site": "same-origin"}
NOISE = "楼下半夜施工，噪声太吵，睡不着"


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with open_web() as opened:
        yield opened


class Reader:
    """Somebody with a browser of no scripts: knows the last page, fills in its form and presses a button."""

    def __init__(self, web: Web, lang: str = "zh") -> None:
        self.web = web
        self.headers = {"accept-language": lang, "cookie": ""}
        self.status, self.text, self.path = 0, "", ""

    def open(self, path: str) -> Reader:
        return self._took(self.web.client.get(path, headers=self.headers, auth=NOBODY, follow_redirects=True))

    def press(self, go: str = "next", to: str = "", photo: Sequence[bytes] = (), **typed: str) -> Reader:
        files = [("photo", ("a.jpg", each, "image/jpeg")) for each in photo]
        to = to or re.findall(r'<form[^>]* action="([^"]*)"', self.text)[0]
        form = self.fields() | typed | {"go": go}
        answer = self.web.client.post(
            to, data=form, files=files or None, headers=self.headers | OWN, auth=NOBODY, follow_redirects=True
        )
        return self._took(answer)

    def fields(self) -> dict[str, str]:
        """What the form holds already."""
        found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.text))
        found |= dict(re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', self.text))
        found |= dict(re.findall(r'<textarea id="\w+" name="(\w+)"[^>]*>\n([^<]*)</textarea>', self.text))
        for name in {"go", *re.findall(r'type="radio" name="(\w+)"', self.text)}:
            found.pop(name, None)
        found |= dict(re.findall(r'name="(\w+)" value="([^"]*)" checked', self.text))
        return {name: html.unescape(value) for name, value in found.items()}

    def _took(self, answer: Any) -> Reader:
        self.status, self.text, self.path = answer.status_code, answer.text, answer.url.path
        for each in answer.headers.get_list("set-cookie"):
            self.headers["cookie"] = each.partition(";")[0]
        assert "text/html" in answer.headers["content-type"]
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        self.web.client.cookies.clear()
        return self

    @property
    def heading(self) -> str:
        return re.sub("<[^>]+>", "", re.findall(r"<h1>(.*?)</h1>", self.text, re.DOTALL)[0])

    @property
    def code(self) -> str:
        return self.path.rpartition("/")[2]


def reported(web: Web, words: str = NOISE, lang: str = "zh", **typed: str) -> Reader:
    reader = Reader(web, lang).open("/report").press(words=words).press(address=typed.pop("address", "老街"))
    if 'type="radio" name="same"' in reader.text:
        reader.press(same="no")
    return reader.press(**typed)


def incident_of(web: Web, reader: Reader) -> int:
    return int(call_of(web, reader)["incident"])


def call_of(web: Web, reader: Reader) -> dict[str, Any]:
    newest = web.get("/api/incidents?limit=200")[1]["items"]
    for each in newest:
        for call in web.story(each["id"])["calls"]:
            if call["id"] in _called(web, reader):
                return dict(call)
    raise AssertionError("the call is in no incident")


def _called(web: Web, reader: Reader) -> set[int]:
    from huying.service.intake import hash_of_code

    return {web.house.questions.call_by_code(hash_of_code(reader.code)).id}


def test_a_problem_is_told_in_three_pages_and_followed_by_its_code(web: Web) -> None:
    reader = Reader(web).open("/report")
    assert (reader.status, reader.heading) == (200, "出了什么事？")
    assert "第 1 步，一共 3 步" in reader.text
    first = re.sub("<[^>]+>|\\s", "", reader.text.partition("<body>")[2])[:40]
    assert "110" in first, "the first line says which number to ring"
    assert reader.press(words=NOISE).heading == "在什么地方？"
    assert reader.press(address="老街 5 号").heading == "怎么联系您？"
    assert NOISE in reader.text and "老街 5 号" in reader.text
    reader.press(phone="13800000000", name="陈阿婆")
    assert reader.heading == "收到了"
    assert shown_code(reader.code) in reader.text
    assert "综合执法局须在周三（3月4日）17:30 前答复您" in reader.text
    call = call_of(web, reader)
    assert (call["channel"], call["words"], call["lang"]) == ("web", NOISE, "zh")
    assert call["place"]["address"] == "老街 5 号"
    assert call["contact"] > 0, "the telephone is sealed in the vault"
    assert reader.open(f"/follow?code={shown_code(reader.code)}").heading == "正在办"


def test_nothing_has_to_be_said_but_what_happened(web: Web) -> None:
    reader = reported(web, address="", lang="en")
    assert reader.heading == "We have it"
    assert call_of(web, reader)["contact"] == 0
    unclear = reported(web, words="有件事说不清楚", lang="en")
    assert unclear.heading == "We have it" and "Not yet known" not in unclear.text, "nobody is called unclear"


def test_whatever_is_refused_everything_typed_is_still_there(web: Web) -> None:
    reader = Reader(web).open("/report").press(words="  ")
    assert (reader.status, reader.heading) == (422, "出了什么事？")
    long = "水" * 4_001
    assert reader.press(words=long).status == 422
    assert long in reader.text and "4001" in reader.text
    tricky = 'a "quoted" <b>&amp;\n\n第二行'
    reader.press(words=tricky).press(address="<script>alert(1)</script>")
    if 'type="radio" name="same"' in reader.text:
        reader.press(same="no")
    assert "<script>alert" not in reader.text
    reader.press(phone="明天再说", name="陈 <阿婆>")
    assert reader.status == 422
    assert reader.fields()["phone"] == "明天再说"
    assert (reader.fields()["name"], reader.fields()["words"]) == ("陈 <阿婆>", tricky)
    reader.press("where")
    assert reader.fields()["address"] == "<script>alert(1)</script>"
    assert reader.fields()["phone"] == "明天再说"


def test_large_letters_and_the_other_language_lose_nothing_and_are_remembered(web: Web) -> None:
    reader = Reader(web, "en").open("/report")
    assert reader.heading == "What has happened?"
    assert 'class="large"' not in reader.text
    reader.press("look:large", words="half a sen")
    assert 'class="large"' in reader.text
    assert reader.fields()["words"] == "half a sen"
    reader.press("look:zh", words="half a sentence")
    assert reader.heading == "出了什么事？"
    assert (reader.fields()["words"], 'class="large"' in reader.text) == ("half a sentence", True)
    assert reader.open("/follow").heading == "您的查询号码是多少？"
    assert 'class="large"' in reader.text
    reader.open("/follow?look=usual")
    assert 'class="large"' not in reader.text
    assert reader.open("/follow?look=large&look=de").heading == "您的查询号码是多少？"


def test_sending_twice_is_sending_once(web: Web) -> None:
    reader = Reader(web).open("/report").press(words=NOISE).press(address="")
    form = reader.fields()
    before = web.house.questions.counts(0).calls
    once = reader.press().code
    again = Reader(web)
    again.text = '<form action="/report">'
    assert again.press(**form).code == once
    assert again.press(**(form | {"words": "changed meanwhile"}), to="/report").code == once
    assert web.house.questions.counts(0).calls == before + 1


def test_somebody_else_has_told_it_already_and_the_call_joins() -> None:
    lat, lon = (f"{each:.6f}" for each in IN_WEST)
    here = {"lat": lat, "lon": lon, "error_m": "20"}
    with open_web() as web:
        first = reported(web, address="")
        told = web.call("楼下半夜施工噪声太吵", lat=IN_WEST[0], lon=IN_WEST[1], stated_type="city.noise")
        reader = Reader(web).open("/report").press(words=NOISE).press(address="", **here)
        assert reader.heading == "是不是同一件事？"
        assert "今天 10:00 有人反映" in reader.text and "就在您说的地方" in reader.text
        assert "楼下半夜施工噪声太吵" not in reader.text, "what others said is not shown"
        assert reader.press().status == 422
        reader.press(same=str(told["incident_id"]))
        assert "别人也反映过" in reader.text
        assert incident_of(web, reader.press()) == told["incident_id"]
        forged = Reader(web).open("/report").press(words=NOISE).press(address="").press()
        assert forged.heading == "收到了"
        reader = Reader(web).open("/report").press(words="有人打架")
        reader.press(address="").press(same=str(incident_of(web, first)))
        assert incident_of(web, reader) not in (told["incident_id"], incident_of(web, first))


def test_what_sounds_urgent_is_to_be_told_by_telephone(web: Web) -> None:
    reader = Reader(web).open("/report").press(words="着火了，快来")
    assert reader.heading == "在什么地方？"
    assert 'href="tel:110"' in reader.text and "这事可能很急" in reader.text
    assert "这事可能很急" not in Reader(web).open("/report").press(words=NOISE).text


def resolve(web: Web, reader: Reader, answer: str = "已经让工地停工") -> int:
    incident = incident_of(web, reader)
    for command in (
        AcceptReferral(incident=incident, n=1),
        ResolveReferral(incident=incident, n=1, answer=answer, disposition="done"),
    ):
        web.writer.submit(Sent(command, actor="urban/1")).result(10)
    return incident


def test_a_yes_closes_and_is_counted_once(web: Web) -> None:
    reader = reported(web)
    incident = resolve(web, reader)
    assert reader.open(f"/follow/{reader.code}").heading == "有答复了"
    assert "已经让工地停工" in reader.text and "解决了吗？" in reader.text
    reader.open(f"/follow/{reader.code}?answer=yes")
    assert reader.heading == "办得满意吗？"
    form = reader.fields() | {"rating": "5"}
    reader.press(**form)
    assert "谢谢您" in reader.text and reader.heading == "这件事办完了"
    again = Reader(web)
    again.press(to=f"/follow/{reader.code}", **form)
    assert "谢谢您" in again.text
    state = web.story(incident)["incident"]
    assert (state["status"], state["follow_up"]["rating"]) == ("closed", 5)
    types = [each["type"] for each in web.story(incident)["timeline"]]
    assert types.count("follow_up.answered") == 1


def test_a_no_opens_it_again_also_after_it_was_closed(web: Web) -> None:
    reader = reported(web)
    incident = resolve(web, reader)
    reader.open(f"/follow/{reader.code}?answer=no").press(words="晚上还在施工")
    assert "没解决就接着办" in reader.text and reader.heading in ("正在办", "收到了，正在看归谁办")
    assert "没解决，重新办" in reader.text
    state = web.story(incident)["incident"]
    assert (state["status"] != "closed", state["reopened"]) == (True, 1)
    assert reader.open(f"/follow/{reader.code}?answer=no").heading == "正在办", "nobody asks now"
    early = reader.press(to=f"/follow/{reader.code}", solved="yes")
    assert early.status == 422 and "还在办" in early.text


def test_a_late_agency_is_named_with_who_is_told() -> None:
    with open_web() as web:
        reader = reported(web)
        web.clock.at += 10 * DAY
        reader.open(f"/follow/{reader.code}")
        assert "综合执法局本该在3月4日 17:30 前答复您，已经晚了。值班室已经知道，正在催。" in reader.text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_wrong_code_is_a_calm_page_and_so_is_guessing_on(lang: str) -> None:
    with open_web() as web:
        reader = Reader(web, lang).open("/follow?code=12 34")
        assert (reader.status, reader.fields().get("code")) == (404, "1234")
        assert reader.open("/follow?code=abc").status == 422
        for n in range(12):
            reader.open(f"/follow/99999{n:05}")
        assert reader.status == 429
        assert load_words().say("citizen.refused.too_many.do", lang) in reader.text
        assert "110" in reader.text


def test_a_form_of_another_site_is_refused_calmly(web: Web) -> None:
    for path in ("/report", "/follow/123"):
        answer = web.client.post(path, data={}, auth=NOBODY, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
        assert "text/html" in answer.headers["content-type"] and "从头打开" in answer.text


def test_an_address_may_not_send_without_end_and_loses_nothing() -> None:
    with open_web() as web:
        web.state["reports"].burst = 2
        reported(web), reported(web)
        reader = reported(web, phone="13800000000")
        assert (reader.status, reader.heading) == (422, "怎么联系您？")
        assert reader.fields()["phone"] == "13800000000"
        web.clock.at += HOUR
        assert reader.press().heading == "收到了"


def picture(side: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, "JPEG")
    return out.getvalue()


def test_pictures_go_with_the_report_the_answer_and_the_no(web: Web) -> None:
    reader = (
        Reader(web).open("/report").press(words=NOISE, photo=[picture(), picture(60), b"", b"no picture"])
    )
    assert (reader.status, reader.heading) == (422, "出了什么事？")
    assert "有一张照片打不开" in reader.text and reader.fields()["words"] == NOISE
    assert len(reader.fields()["photos"].split()) == 2
    reader.press(f"drop:{reader.fields()['photos'].split()[0]}")
    assert len(reader.fields()["photos"].split()) == 1
    reader.press(photo=[picture(80)]).press(address="")
    if 'type="radio" name="same"' in reader.text:
        reader.press(same="no")
    assert "附照片 2 张" in reader.text
    reader.press()
    shown = re.findall(r'<img src="([^"]+)" width="(\d+)"', reader.text)
    assert [width for _, width in shown] == ["60", "80"]
    assert web.client.get(shown[0][0], auth=NOBODY).headers["content-type"] == "image/jpeg"
    resolve(web, reader)
    reader.open(f"/follow/{reader.code}?answer=no").press(words="还在吵", photo=[picture(90)])
    assert 'width="90"' in reader.text


def test_pictures_alone_are_a_report_and_old_ones_are_asked_for_again() -> None:
    with open_web() as web:
        reader = Reader(web).open("/report").press(photo=[picture()]).press(address="老街")
        web.clock.at += 2 * HOUR
        reader.press(phone="13800000000")
        assert (reader.status, reader.heading) == (422, "出了什么事？")
        assert "已经失效" in reader.text
        assert (reader.fields()["photos"], reader.fields()["phone"]) == ("", "13800000000")
        reader.press(photo=[picture()])
        assert reader.press().press().heading == "收到了"
        many = Reader(web).open("/report").press(words=NOISE, photo=[picture()] * 7)
        assert many.status == 422 and len(many.fields()["photos"].split()) == 6


def test_whatever_is_sent_the_answer_is_a_page(web: Web) -> None:
    odd: list[dict[str, str]] = [
        {"at": "nowhere", "go": "nowhere"},
        {"at": "which", "words": "x"},
        {"at": "alike", "words": NOISE, "same": "9" * 400},
        {"at": "reach", "words": NOISE, "lat": "nan", "lon": "181", "error_m": "-1", "key": "'"},
        {"at": "where", "words": NOISE, "address": "老街" * 400},
        {"words": "\0\0", "go": "next"},
        {"go": "look:xx"},
    ]
    for form in odd:
        answer = web.client.post("/report", data=form, headers=OWN, auth=NOBODY)
        assert answer.status_code in (200, 422), form
        assert "</html>" in answer.text
    big = web.client.post("/report", data={"words": "x" * 50_400_000}, headers=OWN, auth=NOBODY)
    assert big.status_code == 413 and "</html>" in big.text
    raw = web.client.post(
        "/report",
        content=b"--x\r\nbroken",
        headers=OWN | {"content-type": "multipart/form-data; boundary=x"},
        auth=NOBODY,
    )
    assert raw.status_code < 500 and "</html>" in raw.text


def test_a_page_with_all_it_brings_is_small(web: Web) -> None:
    brought = b"".join(
        web.client.get(f"/static/{name}", auth=NOBODY).content
        for name in ("citizen.css", "citizen.js", "icon.svg")
    )
    for path in ("/report", "/follow"):
        text = web.client.get(path, auth=NOBODY).content
        assert len(gzip.compress(text + brought)) < 12_000, "a tenth of what it may be"
        wanted = set(re.findall(rb'(?:src|href)="/static/([^"]+)"', text))
        assert wanted <= {b"citizen.css", b"citizen.js", b"icon.svg"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_instants_are_said_in_the_readers_calendar(lang: str) -> None:
    time = tiny_pack().worktime
    said = [
        when(at, MONDAY_10, time, lang).strip()
        for at in (
            instant(2026, 3, 1, 17),
            instant(2026, 3, 2, 17),
            instant(2026, 3, 3, 9, 5),
            instant(2026, 3, 6, 17),
            instant(2026, 3, 9, 17),
            instant(2026, 2, 20, 17),
            instant(2027, 1, 4, 8),
        )
    ]
    assert (
        said
        == {
            "zh": [
                "昨天 17:00",
                "今天 17:00",
                "明天 09:05",
                "周五（3月6日）17:00",
                "3月9日 17:00",
                "2月20日 17:00",
                "2027年1月4日 08:00",
            ],
            "en": [
                "17:00 yesterday",
                "17:00 today",
                "09:05 tomorrow",
                "17:00 on Friday, 6 March",
                "17:00 on 9 March",
                "17:00 on 20 February",
                "08:00 on 4 January 2027",
            ],
        }[lang]
    )


def test_codes_are_read_as_people_write_them() -> None:
    assert shown_code("0123456789") == "0123 456 789"
    assert bare_code(" ０123-456 789 ") == "0123456789"
    assert bare_code("²x") == ""


def test_every_word_of_the_pages_is_known_and_none_is_left_over() -> None:
    text = "".join(path.read_text("utf-8") for path in [*PAGES.rglob("*.html"), *PAGES.glob("*.py")])
    keys = {key for key in load_words().by_language["zh"] if key.startswith("citizen.")}
    said = set(re.findall(r'"(citizen\.[\w.]+[\w])"', text))
    assert said <= keys
    made = ("citizen.line.", "citizen.when.", "citizen.weekday.", "citizen.month.", "citizen.refused.")
    made += ("citizen.status.", "citizen.rating.", "citizen.thanks.", "citizen.fault.", "citizen.answer.")
    parts = {f"citizen.{step}.title" for step in ("what", "where", "which", "alike", "reach")}
    parts |= {"citizen.promise", "citizen.late", "citizen.demo", "citizen.drill"}
    assert {key for key in keys - said - parts if not key.startswith(made)} == set()
