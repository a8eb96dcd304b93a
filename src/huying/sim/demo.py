"""The demo county: a server with a living city inside."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from huying.bootstrap import Installation, open_house, record_of, start_writer
from huying.config import read_config
from huying.domain.account import by_code, demo_code
from huying.domain.commands import Envelope, ReceiveCall
from huying.domain.office import OpenAccount
from huying.domain.principal import Role
from huying.doors import create_app, open_desk, settings_of
from huying.service.intake import understand
from huying.serving import serve
from huying.sim.living import BEFORE, CityClock, Living
from huying.sim.manner import rhythm_of
from huying.store.packdir import read_pack
from huying.system import SystemClock
from huying.words import load_words

# Referrals that are looked through for whom a visitor should be.
REFERRALS_LOOKED = 500


class Demo(Struct, frozen=True, kw_only=True):
    """What is asked for. `store` empty: a temporary file, gone at the end."""

    store: str = ""
    pack: str = "yunxi"
    host: str = "127.0.0.1"
    port: int = 8700
    speed: float = 1.0
    seed: int = 1


def open_accounts(installation: Installation) -> None:
    """A made-up person for every role: they come in by a button, and into no server but a demo's. Clerk and
    crew are those whom the tour's call comes to, or who have the most to do."""
    pack = installation.pack
    departments = sorted(each.code for each in pack.agencies.values() if each.kind == "department")
    unit_at_work = _at_work(installation)
    with installation.engine.transaction() as transaction:
        for role in Role:
            code = demo_code(role)
            if installation.questions.account_by(by_code(code)) is not None:
                continue
            unit = unit_at_work if role is Role.UNIT else ""
            agency = pack.units[unit].agency if unit else ""
            if role is Role.CLERK:
                told = _told_of(installation)
                agency = (
                    told if told in departments else _busiest(installation, departments) or pack.duty_desk
                )
            made = OpenAccount(code=code, role=role, agency=agency, unit=unit, demo=True)
            if role is not Role.UNIT or unit:
                transaction.execute(Envelope(made, actor="installation", automatic=True))


def _told_of(installation: Installation) -> str:
    """The agency that the tour's first sentence is for."""
    house, lang = installation.house, installation.pack.languages[0]
    words = load_words().say("tour.report.words", lang)
    kind = understand(house, ReceiveCall(channel="web", words=words, lang=lang)).suggestion.type
    return installation.pack.type_of(kind).agency


def _at_work(installation: Installation) -> str:
    """The unit that has an assignment and had the most of them: a visitor finds something to do."""
    units = [each for each in installation.questions.units() if each.code in installation.pack.units]
    at_work = max(units, key=lambda each: (each.incident > 0, each.version), default=None)
    return at_work.code if at_work else min(installation.pack.units, default="")


def _busiest(installation: Installation, departments: list[str]) -> str:
    """Of these the one with the most to do, so that a visitor finds an inbox that is not empty."""
    page = installation.questions.referrals("", ("offered", "accepted"), 0, "", REFERRALS_LOOKED)
    owed = Counter(each.agency for each in page.items)
    return max(departments, key=lambda each: owed[each], default="")


def run_demo(ask: Demo, ready: Callable[[str], None]) -> None:
    """Open the county, let it live and serve it until told to stop."""
    with tempfile.TemporaryDirectory(prefix="huying-demo-") as folder:
        _run(ask, ask.store or str(Path(folder) / "demo.sqlite"), ready)


def _run(ask: Demo, store: str, ready: Callable[[str], None]) -> None:
    real = SystemClock()
    clock = CityClock(real, real.now() - BEFORE, ask.speed)
    pack = read_pack(ask.pack)
    config = read_config(os.environ)
    installation = open_house(store, ask.pack, clock, record=record_of(config))
    questions = installation.questions
    living = Living(installation.house, questions, rhythm_of(pack, ask.pack, ask.seed), ask.seed)
    if questions.counts(0).calls:
        living.take_up()
    else:
        living.play_before(installation.engine, clock.at, real.now())
    clock.run(max(real.now(), questions.head().at))
    open_accounts(installation)
    writer = start_writer(installation)
    settings = replace(settings_of(read_config(os.environ)), demo=True)
    try:
        app = create_app(open_desk(installation, writer, settings))
        living.start(writer, clock)
        serve(app, ask.host, ask.port, ready)
    finally:
        living.stop()
        writer.close()
        installation.close()
