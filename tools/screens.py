"""Takes the pictures in docs/pictures: every screen of the demo county, zh and en, light and dark.

    make screens                                    all
    .venv/bin/python tools/screens.py [NAME …]      those named

Starts a demo county of its own on a free port, plays its day, and ends it. The pictures are looked at by
people; what is asserted about screens stands in tests/browser.
"""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SEED = 7
# A day of the county is played first; on a slow machine that takes a minute.
READY_S = 600
# Posts of a county take ten seconds of a core.
WORKED_MS = 240_000
# Letters stay sharp, and a picture takes 30 to 80 KB.
QUALITY = 82
DESK, PHONE, WALL = (1440, 900), (390, 844), (1920, 1080)
# WebGL is drawn by the processor where there is no card.
ARGUMENTS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--hide-scrollbars",
)

Act = Callable[[Any, str], None]


class Shot(NamedTuple):
    """`role` is empty for what anybody sees; `act` does what makes the screen worth a look."""

    role: str
    path: str
    size: tuple[int, int]
    act: Act | None = None


GAS = {
    "zh": "崇文路23号楼道里煤气味很重，老人头晕站不起来",
    "en": "strong smell of gas on the stairs at 23 Chongwen Road, an old man is dizzy",
}
TAKE = """(words) => fetch('/api/calls', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ words, channel: '110' }),
}).then((each) => each.json()).then((told) => told.incident_id)"""


def type_a_call(page: Any, lang: str) -> None:
    page.locator("textarea").first.fill(GAS[lang])
    page.wait_for_timeout(1500)


def open_what_waits(page: Any, lang: str) -> None:
    """An incident for which somebody is to be sent: the board's own work."""
    page.goto(f"{page.url.split('?')[0]}?open={page.evaluate(TAKE, GAS[lang])}")
    page.locator(".sending input[type=checkbox]").first.wait_for()
    page.locator("section.map[data-ready=yes]").first.wait_for()
    page.wait_for_timeout(3000)  # and its tiles are drawn


def open_first(selector: str) -> Act:
    def act(page: Any, lang: str) -> None:
        found = page.locator(selector)
        if found.count():
            found.first.click()
            page.wait_for_timeout(1500)

    return act


def say_what(page: Any, lang: str) -> None:
    words = {
        "zh": "实验小学门口的路灯坏了三天",
        "en": "The street lamp at the school gate has been out for three days",
    }
    page.locator("textarea").first.fill(words[lang])


def plan_posts(page: Any, lang: str) -> None:
    """A plan by the rhythm of the pack, as it is looked at before anybody proposes it."""
    page.keyboard.press("n")
    page.locator("form select").first.select_option("rhythm")
    page.locator("form button[type=submit]").first.click()
    page.locator("table th[scope=row]").first.wait_for(timeout=WORKED_MS)
    page.wait_for_timeout(1500)
    page.locator("table").nth(0).scroll_into_view_if_needed()


SHOTS: dict[str, Shot] = {
    "home": Shot("supervisor", "/", DESK),
    "desk": Shot("call_taker", "/desk", DESK, type_a_call),
    "board": Shot("dispatcher", "/board", DESK, open_what_waits),
    "inbox": Shot("clerk", "/inbox", DESK, open_first("tbody tr a")),
    "unit": Shot("unit", "/unit", PHONE),
    "report": Shot("", "/report", PHONE, say_what),
    "wall": Shot("supervisor", "/wall", WALL),
    "measures": Shot("supervisor", "/measures", DESK),
    "plans": Shot("supervisor", "/plans", DESK, plan_posts),
    "admin": Shot("administrator", "/admin", DESK),
    "models": Shot("administrator", "/admin?part=models", DESK),
}


# A citizen's whole way, page after page, in one picture.
STEPS = "steps"
# Said once more, so that the page that asks "is it the same thing?" is there to be seen.
LAMP = {
    "zh": ("崇文路23号门口的路灯坏了三天", "崇文路23号"),
    "en": ("The street lamp at 23 Chongwen Road is out", "崇文路23号"),
}
IN_A_ROW = 3


def main(wanted: list[str]) -> int:
    chosen = {name: shot for name, shot in SHOTS.items() if not wanted or name in wanted}
    if unknown := set(wanted) - set(SHOTS) - {STEPS}:
        print(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(SHOTS)}", file=sys.stderr)
        return 2
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser_path is None:
        print(
            "pictures are taken by Chromium, which is not on this machine (Debian: chromium)", file=sys.stderr
        )
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [sys.executable, "-m", "huying", "demo", "--port", str(port), "--seed", str(SEED)]
    house = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, house)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=list(ARGUMENTS))
            for name, shot in chosen.items():
                take(browser, f"http://127.0.0.1:{port}", name, shot)
            if not wanted or STEPS in wanted:
                take_steps(browser, f"http://127.0.0.1:{port}")
            browser.close()
    finally:
        house.terminate()
        house.wait(30)
    return 0


def take(browser: Any, root: str, name: str, shot: Shot) -> None:
    width, height = shot.size
    for lang in ("zh", "en"):
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale={"zh": "zh-CN", "en": "en-GB"}[lang],
                color_scheme=theme,
                device_scale_factor=2 if shot.size == PHONE else 1,
            )
            page = context.new_page()
            if shot.role:
                page.goto(f"{root}/sign-in?next=/docs")
                page.click(f"button[value={shot.role}]")
                page.wait_for_url(f"{root}/docs")
            page.goto(f"{root}{shot.path}")
            page.wait_for_timeout(2000)
            if page.locator("section.map").count():
                page.locator("section.map[data-ready=yes]").first.wait_for()
                page.wait_for_timeout(2000)  # and its tiles are drawn
            if shot.act is not None:
                shot.act(page, lang)
            picture = Image.open(io.BytesIO(page.screenshot()))
            picture.save(PICTURES / f"{name}.{lang}.{theme}.webp", quality=QUALITY, method=6)
            context.close()
    print(name)


def take_steps(browser: Any, root: str) -> None:
    """What a citizen sees from the first question to the answer's page, without a script, side by side."""
    for lang, (words, where) in LAMP.items():
        pages: list[Image.Image] = []
        for again in (False, True):
            context = browser.new_context(
                viewport={"width": PHONE[0], "height": PHONE[1]},
                locale={"zh": "zh-CN", "en": "en-GB"}[lang],
                java_script_enabled=False,
            )
            page = context.new_page()
            pages = walk(page, root, words, where, again)
            context.close()
        rows = -(-len(pages) // IN_A_ROW)
        sheet = Image.new("RGB", ((PHONE[0] + 16) * IN_A_ROW - 16, (PHONE[1] + 16) * rows - 16), "white")
        for n, each in enumerate(pages):
            sheet.paste(each, ((PHONE[0] + 16) * (n % IN_A_ROW), (PHONE[1] + 16) * (n // IN_A_ROW)))
        sheet.save(PICTURES / f"{STEPS}.{lang}.light.webp", quality=QUALITY, method=6)
    print(STEPS)


def walk(page: Any, root: str, words: str, where: str, joins: bool) -> list[Image.Image]:
    """A report from beginning to end; a picture of each page."""
    seen: list[Image.Image] = []

    def on() -> None:
        seen.append(Image.open(io.BytesIO(page.screenshot())))
        page.click("form button.main")

    page.goto(f"{root}/report")
    page.fill("#words", words)
    on()
    page.fill("#address", where)
    on()
    same = page.locator("input[name=same][type=radio]")
    if same.count():
        same.nth(0 if joins else same.count() - 1).check(force=True)
        on()
    on()
    seen.append(Image.open(io.BytesIO(page.screenshot())))
    page.goto(page.url.split("?")[0])
    seen.append(Image.open(io.BytesIO(page.screenshot())))
    return seen


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, house: subprocess.Popen[bytes]) -> None:
    for _ in range(READY_S * 2):
        if house.poll() is not None:
            raise SystemExit("the demo county ended before it was ready")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise SystemExit("the demo county was not ready in time")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
