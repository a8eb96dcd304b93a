"""A refusal is an answer that a person can act on; a bug is anything else that is raised.

The sentence (what happened, what is safe, what to do) lives in the word files under `refusal.<code>` in
both languages; code here carries only the code and its parameters.
"""

from __future__ import annotations

from typing import Any

# HTTP status by code; 422 where nothing is said. One table, so that no edge decides for itself.
STATUS: dict[str, int] = {
    "not_found": 404,
    "changed_meanwhile": 409,
    "not_from_here": 409,
    "unit_busy": 409,
    "key_reused": 409,
    "already_joined": 409,
    "person_must_close": 409,
    "work_unfinished": 409,
    "units_at_work": 409,
    "not_joined": 409,
    "last_call": 409,
    "plan_in_force": 409,
    "plan_own": 409,
    "planner_busy": 409,
    "plans_too_many": 409,
    "model_not_found": 404,
    "model_not_gated": 409,
    "model_already": 409,
    "model_moved": 409,
    "model_none_before": 409,
    "model_job_running": 409,
    "too_large": 413,
    "unsupported_media": 415,
    "photo_unreadable": 415,
    "photo_too_big": 413,
    "photo_gone": 410,
    "photo_erased": 410,
    "too_many": 429,
    "busy": 503,
    "store_unavailable": 503,
    "store_read_only": 503,
    "store_full": 507,
    "store_foreign": 503,
    "store_newer": 503,
    "store_damaged": 503,
    "vault_locked": 503,
    "keys_open": 503,
    "keys_unreadable": 503,
    "keys_missing": 503,
    "keys_of_another": 503,
    "postgres_missing": 503,
    "contact_erased": 410,
    "held": 409,
    "forbidden": 403,
    "not_allowed": 403,
    "own_look": 403,
    "field_hidden": 403,
    "glass_too_often": 409,
    "glass_broken_already": 409,
    "reviewed_already": 409,
    "wish_over": 409,
    "purpose_unknown": 400,
    "unauthorised": 401,
    "session_locked": 423,
    "key_over": 401,
    "scope_missing": 403,
    "cross_site": 403,
    "not_your_name": 403,
    "public_only": 401,
    "challenge_over": 401,
    "passkeys_need_address": 409,
    "demo_off": 404,
    "people_only": 403,
    "no_passkey": 409,
    "last_passkey": 409,
    "presence_needed": 403,
    "no_such_account": 404,
    "no_such_key": 404,
    "pack_not_in_use": 409,
    "no_drill": 404,
    "store_is_drill": 409,
    "city_none": 404,
    "city_away": 503,
    "city_refused": 401,
    "city_stranger": 403,
    "account_taken": 409,
    "account_open": 409,
    "account_closed": 403,
    "demo_account": 403,
    "link_over": 410,
    "passkey_taken": 409,
    "passkeys_many": 409,
    "passkey_copied": 401,
    "subject_taken": 409,
    "last_administrator": 409,
    "session_over": 401,
    "not_on_duty": 409,
    "no_shift_now": 409,
    "not_let_in": 401,
    "key_taken": 409,
    "key_revoked": 409,
    "bad_json": 400,
    "bad_characters": 400,
    "unreadable": 400,
    "no_such_address": 404,
    "no_checkpoint": 404,
    "no_map": 404,
    "not_signed_yet": 409,
    "wrong_method": 405,
    "internal": 500,
}


class Refusal(Exception):
    """What was asked can't be done, for a reason that the asker can understand.

    Args:
        code: key of the sentence in the word files, `refusal.<code>`.
        params: values that the sentence names.
    """

    def __init__(self, code: str, /, **params: Any) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        """Refusals travel between the processes of an installation."""
        return _again, (self.code, self.params)

    @property
    def status(self) -> int:
        return STATUS.get(self.code, 422)


def _again(code: str, params: dict[str, Any]) -> Refusal:
    return Refusal(code, **params)
