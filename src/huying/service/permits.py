"""Whether a command may be given: decided on the state under the lock, so nothing has moved meanwhile."""

from __future__ import annotations

from msgspec.structs import replace

from huying.base.clock import HOUR
from huying.base.refusal import Refusal
from huying.domain import commands as c
from huying.domain import correcting as k
from huying.domain import deployment as p
from huying.domain import modelling as m
from huying.domain import office as o
from huying.domain import oversight as w
from huying.domain.closure import CloseRoad, ReopenRoad
from huying.domain.commands import Command, Envelope
from huying.domain.picturing import KeepPhoto
from huying.domain.policy import NOTHING, About, Action, Grant, Purpose, Thing
from huying.domain.principal import Principal
from huying.domain.shadow import SetShadowPolicy
from huying.privacy.about import about_incident, about_referral, about_unit
from huying.privacy.policy import Policy
from huying.service.work import Work

# A unit that was taken off in a tunnel hears of it when it comes out; what it noted until then is kept.
LATE_US = HOUR

# Which rule speaks of a command. What is not here nobody from outside may give, but for the door's own.
COMMANDS: dict[type[Command], tuple[Thing, Action]] = {
    c.ReceiveCall: (Thing.CALL, Action.RECEIVE),
    KeepPhoto: (Thing.MEDIA, Action.RECEIVE),
    c.JoinCall: (Thing.INCIDENT, Action.SORT),
    c.PartCall: (Thing.INCIDENT, Action.SORT),
    c.RetypeIncident: (Thing.INCIDENT, Action.SORT),
    c.SetPriority: (Thing.INCIDENT, Action.SORT),
    c.RaiseAlarm: (Thing.INCIDENT, Action.SORT),
    c.SetPlace: (Thing.INCIDENT, Action.SORT),
    c.AddNote: (Thing.INCIDENT, Action.NOTE),
    c.OfferReferral: (Thing.INCIDENT, Action.REFER),
    c.AcceptReferral: (Thing.REFERRAL, Action.ANSWER),
    c.ReturnReferral: (Thing.REFERRAL, Action.ANSWER),
    c.ResolveReferral: (Thing.REFERRAL, Action.ANSWER),
    c.ExtendReferral: (Thing.REFERRAL, Action.ANSWER),
    c.DispatchUnits: (Thing.INCIDENT, Action.DISPATCH),
    c.AdvanceUnit: (Thing.UNIT, Action.REPORT),
    c.AskBackup: (Thing.UNIT, Action.REPORT),
    c.SetUnitStatus: (Thing.UNIT, Action.REPORT),
    c.MoveUnit: (Thing.UNIT, Action.REPORT),
    c.PostUnit: (Thing.UNIT, Action.REPORT),
    CloseRoad: (Thing.ROAD, Action.REPORT),
    ReopenRoad: (Thing.ROAD, Action.REPORT),
    SetShadowPolicy: (Thing.PLAN, Action.MANAGE),
    p.ProposeDeployment: (Thing.PLAN, Action.MANAGE),
    p.EditDeployment: (Thing.PLAN, Action.MANAGE),
    p.AdoptDeployment: (Thing.PLAN, Action.MANAGE),
    p.EndDeployment: (Thing.PLAN, Action.MANAGE),
    c.ResolveIncident: (Thing.INCIDENT, Action.CONCLUDE),
    c.AnswerFollowUp: (Thing.INCIDENT, Action.CONCLUDE),
    c.CloseIncident: (Thing.INCIDENT, Action.CONCLUDE),
    c.ReopenIncident: (Thing.INCIDENT, Action.CONCLUDE),
    c.OpenContact: (Thing.CONTACT, Action.OPEN),
    c.EraseContact: (Thing.CONTACT, Action.ERASE),
    c.EraseIncident: (Thing.CONTACT, Action.ERASE),
    c.HoldIncident: (Thing.CONTACT, Action.ERASE),
    c.ReleaseIncident: (Thing.CONTACT, Action.ERASE),
    m.SetModel: (Thing.MODEL, Action.MANAGE),
    m.NoteTraining: (Thing.MODEL, Action.MANAGE),
    m.JudgeModel: (Thing.MODEL, Action.MANAGE),
    m.LabelCall: (Thing.INCIDENT, Action.SORT),
    k.AskCorrection: (Thing.INCIDENT, Action.NOTE),
    k.CorrectRecord: (Thing.INCIDENT, Action.CORRECT),
    k.RefuseCorrection: (Thing.INCIDENT, Action.CORRECT),
    k.AcknowledgeCorrection: (Thing.INCIDENT, Action.ACKNOWLEDGE),
    k.DiscloseIncident: (Thing.INCIDENT, Action.CORRECT),
    k.OpenOriginal: (Thing.CONTACT, Action.ERASE),
    w.AgreeToOpen: (Thing.CONTACT, Action.AGREE),
    w.BreakGlass: (Thing.INCIDENT, Action.BREAK),
    w.ReviewGlass: (Thing.INCIDENT, Action.REVIEW),
    o.OpenAccount: (Thing.STAFF, Action.MANAGE),
    o.ChangeAccount: (Thing.STAFF, Action.MANAGE),
    o.CloseAccount: (Thing.STAFF, Action.MANAGE),
    o.ReopenAccount: (Thing.STAFF, Action.MANAGE),
    o.IssueLink: (Thing.STAFF, Action.MANAGE),
    o.RemovePasskey: (Thing.STAFF, Action.MANAGE),
    o.EndSession: (Thing.STAFF, Action.MANAGE),
    o.IssueKey: (Thing.STAFF, Action.MANAGE),
    o.RevokeKey: (Thing.STAFF, Action.MANAGE),
}


# What the door itself decides on: who comes in, and what of their own sessions they end.
_DOORS_OWN = "huying.domain.office"


def is_doors_own(command: Command) -> bool:
    """Whether the door decides, and no rule: signing in, one's own passkeys and duty. What people end or
    remove of their own is given by the door itself, which says nothing of a principal."""
    return type(command).__module__ == _DOORS_OWN and type(command) not in COMMANDS


def rule_of(command: Command) -> tuple[Thing, Action]:
    """What a command does with what; refuses `forbidden` where nobody from outside may give it."""
    found = COMMANDS.get(type(command))
    if found is None:
        raise Refusal("forbidden")
    return found


def permit(work: Work, envelope: Envelope, at: int) -> Grant | None:
    """The grant under which a command is executed; None for the installation's own, which needs none.

    Raises:
        Refusal: `not_allowed`, with the rule that stands in the way and whom to ask.
    """
    who = envelope.principal
    if who is None:
        return None
    command = envelope.command
    thing, action = rule_of(command)
    about = _about(work, command, who)
    if isinstance(command, c.AddNote) and _just_left(work, command, who.unit):
        work.left = who.unit
        about = replace(about, units=(*about.units, who.unit))
    return allowed(work.house.policy, who, thing, action, Purpose(envelope.purpose), about, at)


def _just_left(work: Work, command: c.AddNote, unit: str) -> bool:
    """Whether a unit that was on an incident tells what it noted while it was, or right after."""
    own = [each for each in work.incident(command.incident).assignments if unit and each.unit == unit]
    if not own or any(each.running for each in own):
        return False
    return own[-1].dispatched_at <= (command.done_at or work.at) <= own[-1].clear_at + LATE_US


def allowed(
    policy: Policy, who: Principal, thing: Thing, action: Action, purpose: Purpose, about: About, at: int
) -> Grant:
    """The grant, or the refusal that explains itself."""
    grant = policy.decide(who, thing, action, purpose, about, at)
    if grant is None:
        raise refused(policy, who, thing, action, purpose, about, at)
    return grant


def refused(
    policy: Policy, who: Principal, thing: Thing, action: Action, purpose: Purpose, about: About, at: int
) -> Refusal:
    why = policy.why_not(who, thing, action, purpose, about, at)
    return Refusal(
        "not_allowed",
        thing=thing.value,
        action=action.value,
        purpose=purpose.value,
        rule=why.rule,
        missing=" ".join(why.missing),
        ask=why.ask,
    )


def _about(work: Work, command: Command, who: Principal) -> About:
    """What a rule may look at of what a command is about; nothing for a thing that there isn't."""
    if isinstance(command, c.AdvanceUnit | c.AskBackup | c.SetUnitStatus | c.MoveUnit | c.PostUnit):
        return about_unit(work.pack, command.unit, who.unit)
    if not isinstance(command, c.OnIncident):
        return NOTHING
    incident = work.incident(command.incident)
    if isinstance(command, c.AcceptReferral | c.ReturnReferral | c.ResolveReferral | c.ExtendReferral):
        if not 1 <= command.n <= len(incident.referrals):
            raise Refusal("not_found", noun="referral", id=command.n)
        return about_referral(incident, incident.referrals[command.n - 1].agency)
    return about_incident(incident)
