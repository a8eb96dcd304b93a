"""Sessions: begun after somebody has proven who they are, tied to a duty, locked, proven again, ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from huying.base.clock import SECOND
from huying.base.refusal import Refusal
from huying.domain import office as c
from huying.domain import office_facts as f
from huying.domain.account import ELEVATED, ON_SHIFT, SESSION_MAX, SESSIONS_MAX, Account, Session, by_session
from huying.domain.pack import Pack
from huying.domain.run_card import Shift
from huying.service.work import Work

HOWS = ("passkey", "oidc", "demo")
TEXT_MAX = 120


def begin_session(work: Work, command: c.BeginSession) -> dict[str, Any]:
    """A session for an account; the shift that runs is taken up by those who work in shifts."""
    account = _let_in(work, command)
    if work.behind(by_session(command.hash)) or len(command.hash) != 64:
        raise Refusal("wrong_form", field="hash", expected="[0-9a-f]{64}")
    if command.credential:
        _count(account, command.credential, command.count)
    alive = [each for each in account.sessions if each.until > work.at]
    for each in alive[: max(0, len(alive) - SESSIONS_MAX + 1)]:
        work.under(account, f.SessionEnded(session=each.id, how="crowded"))
        account = work.account(account.id)
    begun = work.under(
        account,
        f.SessionBegun(
            hash=command.hash,
            how=command.how,
            until=work.at + SESSION_MAX,
            credential=command.credential,
            count=command.count,
            agent=command.agent[:TEXT_MAX],
            address=command.address[:TEXT_MAX],
        ),
    )
    id = begun.seq
    if account.role in ON_SHIFT:
        running = shift_running(work.pack, work.at)
        if running is not None:
            _take_up(work, account.id, id, *running)
    return _told(work, account.id, id)


def prove_presence(work: Work, command: c.ProvePresence) -> dict[str, Any]:
    account, session = _session(work, command)
    if command.credential:
        _count(account, command.credential, command.count)
    until = min(work.at + ELEVATED, session.until) if command.elevate else 0
    work.under(
        account,
        f.PresenceProven(session=session.id, until=until, credential=command.credential, count=command.count),
    )
    return _told(work, account.id, session.id)


def lock_session(work: Work, command: c.LockSession) -> dict[str, Any]:
    account, session = _session(work, command)
    if not session.locked_at:
        work.under(account, f.SessionLocked(session=session.id, how=command.how[:20]))
    return {"account": account.id, "session": session.id}


def end_session(work: Work, command: c.EndSession) -> dict[str, Any]:
    account, session = _session(work, command)
    work.under(account, f.SessionEnded(session=session.id, how=command.how[:20]))
    return {"account": account.id, "session": session.id}


def end_other_sessions(work: Work, command: c.EndOtherSessions) -> dict[str, Any]:
    account, session = _session(work, command)
    others = [each.id for each in account.sessions if each.id != session.id]
    for each in others:
        work.under(work.account(account.id), f.SessionEnded(session=each, how="revoked"))
    return {"account": account.id, "ended": others}


def begin_duty(work: Work, command: c.BeginDuty) -> dict[str, Any]:
    account, session = _session(work, command)
    running = shift_running(work.pack, work.at, command.shift)
    if running is None:
        if command.shift and command.shift not in work.pack.shifts:
            raise Refusal("unknown_code", field="shift", code=command.shift[:40])
        raise Refusal("no_shift_now")
    _take_up(work, account.id, session.id, *running)
    return _told(work, account.id, session.id)


def end_duty(work: Work, command: c.EndDuty) -> dict[str, Any]:
    account, session = _session(work, command)
    if session.duty is None:
        raise Refusal("not_on_duty")
    work.under(account, f.SessionEnded(session=session.id, how="off_duty"))
    return {"account": account.id, "session": session.id}


def note_refusal(work: Work, command: c.NoteRefusal) -> dict[str, Any]:
    work.begin(
        f.SignInRefused(
            how=command.how[:20],
            why=command.why[:40],
            account=command.account,
            address=command.address[:TEXT_MAX],
        )
    )
    return {}


def note_seen(work: Work, command: c.NoteSeen) -> dict[str, Any]:
    work.batch.seen |= command.seen
    return {}


def end_all(work: Work, account: int, how: str) -> None:
    """End every session of an account."""
    for each in work.account(account).sessions:
        if each.until > work.at:
            work.under(work.account(account), f.SessionEnded(session=each.id, how=how))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────────
def _let_in(work: Work, command: c.BeginSession) -> Account:
    account = work.account(command.account)
    if account.closed_at:
        raise Refusal("account_closed")
    if command.how not in HOWS:
        raise Refusal("unknown_code", field="how", code=command.how[:20])
    # A made-up person has no passkey, and nobody real comes in without proof.
    if account.demo != (command.how == "demo"):
        raise Refusal("demo_account", code=account.code)
    return account


def _session(work: Work, command: c.OnSession) -> tuple[Account, Session]:
    account = work.account(command.account)
    session = account.session(command.session)
    if session is None or session.until <= work.at:
        raise Refusal("session_over")
    return account, session


def _count(account: Account, credential: str, count: int) -> None:
    """A counter that doesn't go on means that somebody has a copy of the key."""
    passkey = account.passkey(credential)
    if passkey is None:
        raise Refusal("not_let_in")
    if (count or passkey.count) and count <= passkey.count:
        raise Refusal("passkey_copied")


def _take_up(work: Work, account: int, session: int, shift: Shift, until: int) -> None:
    body = f.DutyBegun(session=session, shift=shift.code, until=until)
    work.under(work.account(account), body)


def _told(work: Work, account: int, session: int) -> dict[str, Any]:
    found = work.account(account).session(session)
    assert found is not None
    duty = found.duty
    return {
        "account": account,
        "session": session,
        "until": found.until,
        "elevated_until": found.elevated_until,
        "shift": duty.shift if duty else "",
        "duty_until": duty.until if duty else 0,
    }


def shift_running(pack: Pack, at: int, code: str = "") -> tuple[Shift, int] | None:
    """The shift that runs at `at` (the one called `code`, or else the one that began last) and its end
    (UTC µs). A shift that crosses midnight belongs to the day on which it begins."""
    local = pack.worktime.local(at)
    found: list[tuple[datetime, datetime, Shift]] = []
    for each in pack.shifts.values():
        if code and each.code != code:
            continue
        for back in (0, 1):
            day = local - timedelta(days=back)
            if day.weekday() not in each.days:
                continue
            begin, end = _wall(day, each.start_min), _wall(day, each.end_min)
            if each.end_min <= each.start_min:
                end = _wall(day + timedelta(days=1), each.end_min)
            if begin <= local < end:
                found.append((begin, end, each))
    if not found:
        return None
    _, end, shift = max(found, key=lambda one: (one[0], one[2].code))
    return shift, int(end.timestamp()) * SECOND


def _wall(day: datetime, minute: int) -> datetime:
    """The instant at which the clock on the wall shows that minute of that day."""
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.replace(hour=minute // 60 % 24, minute=minute % 60) + timedelta(days=minute // 1440)
