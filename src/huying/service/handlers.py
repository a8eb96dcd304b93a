"""Which command is handled where: the table of contents of everything that the house does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huying.domain import commands as c
from huying.domain import correcting as k
from huying.domain import deployment as p
from huying.domain import modelling as m
from huying.domain import office as o
from huying.domain import oversight as w
from huying.domain.closure import CloseRoad, ReopenRoad
from huying.domain.drilling import BeginDrill
from huying.domain.picturing import DropPhotos, KeepPhoto
from huying.domain.shadow import SetShadowPolicy
from huying.service import (
    accounts,
    changing,
    closing,
    closures,
    contacts,
    correcting,
    crying,
    deadlines,
    deployments,
    dispatching,
    installation,
    intake,
    modelling,
    oversight,
    partner_keys,
    photos,
    referring,
    retention,
    sessions,
    shadowing,
)
from huying.service.work import Work

Handler = Callable[[Work, Any], dict[str, Any]]

HANDLERS: dict[type[c.Command], Handler] = {
    # intake → understanding
    c.ReceiveCall: intake.receive_call,
    c.JoinCall: intake.join_call,
    c.PartCall: intake.part_call,
    c.RetypeIncident: changing.retype_incident,
    c.SetPriority: changing.set_priority,
    c.RaiseAlarm: changing.raise_alarm,
    c.SetPlace: changing.set_place,
    c.AddNote: changing.add_note,
    # routing
    c.OfferReferral: referring.offer_referral,
    c.AcceptReferral: referring.accept_referral,
    c.ReturnReferral: referring.return_referral,
    c.ResolveReferral: referring.resolve_referral,
    c.ExtendReferral: referring.extend_referral,
    # dispatch
    c.DispatchUnits: dispatching.dispatch_units,
    c.AdvanceUnit: dispatching.advance_unit,
    c.AskBackup: crying.ask_backup,
    c.SetUnitStatus: dispatching.set_unit_status,
    c.MoveUnit: dispatching.move_unit,
    c.PostUnit: dispatching.post_unit,
    # the end, and the return
    c.ResolveIncident: closing.resolve_incident,
    c.AnswerFollowUp: closing.answer_follow_up,
    c.CloseIncident: closing.close_incident,
    c.ReopenIncident: closing.reopen_incident,
    # by the clock
    c.PassDeadline: deadlines.pass_deadline,
    # what is kept
    c.EraseDue: retention.erase_due,
    c.EraseIncident: retention.erase_incident,
    c.HoldIncident: retention.hold_incident,
    c.ReleaseIncident: retention.release_incident,
    # what was wrong
    k.AskCorrection: correcting.ask_correction,
    k.CorrectRecord: correcting.correct_record,
    k.RefuseCorrection: correcting.refuse_correction,
    k.AcknowledgeCorrection: correcting.acknowledge_correction,
    k.OpenOriginal: correcting.open_original,
    k.DiscloseRecord: correcting.disclose_record,
    k.DiscloseIncident: correcting.disclose_incident,
    # contacts, the installation
    c.OpenContact: contacts.open_contact,
    c.EraseContact: contacts.erase_contact,
    c.AdoptPack: installation.adopt_pack,
    c.NoteClock: installation.note_clock,
    BeginDrill: installation.begin_drill,
    # roads
    CloseRoad: closures.close_road,
    ReopenRoad: closures.reopen_road,
    # pictures
    KeepPhoto: photos.keep_photo,
    DropPhotos: photos.drop_photos,
    SetShadowPolicy: shadowing.set_shadow_policy,
    # deployment: where units wait and when they work
    p.ProposeDeployment: deployments.propose_deployment,
    p.EditDeployment: deployments.edit_deployment,
    p.AdoptDeployment: deployments.adopt_deployment,
    p.EndDeployment: deployments.end_deployment,
    # learning: which model, and what calls were
    m.SetModel: modelling.set_model,
    m.NoteTraining: modelling.note_training,
    m.JudgeModel: modelling.judge_model,
    m.LabelCall: modelling.label_call,
    # oversight: who looked
    w.AgreeToOpen: oversight.agree_to_open,
    w.BreakGlass: oversight.break_glass,
    w.ReviewGlass: oversight.review_glass,
    w.RecordLooks: oversight.record_looks,
    # the office: who acts, and how they come in
    o.OpenAccount: accounts.open_account,
    o.ChangeAccount: accounts.change_account,
    o.CloseAccount: accounts.close_account,
    o.ReopenAccount: accounts.reopen_account,
    o.IssueLink: accounts.issue_link,
    o.AddPasskey: accounts.add_passkey,
    o.RemovePasskey: accounts.remove_passkey,
    o.BeginSession: sessions.begin_session,
    o.ProvePresence: sessions.prove_presence,
    o.LockSession: sessions.lock_session,
    o.EndSession: sessions.end_session,
    o.EndOtherSessions: sessions.end_other_sessions,
    o.BeginDuty: sessions.begin_duty,
    o.EndDuty: sessions.end_duty,
    o.NoteRefusal: sessions.note_refusal,
    o.NoteSeen: sessions.note_seen,
    o.IssueKey: partner_keys.issue_key,
    o.RevokeKey: partner_keys.revoke_key,
}
