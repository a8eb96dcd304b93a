"""Passkeys (WebAuthn level 3) by the package `webauthn`: what is asked of a browser, and what it answered.

A passkey belongs to one address. It is always asked to check the person too (a finger, a face, a code), so
that it is two proofs in one: the device, and who holds it.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.domain.account import Account, Passkey
from huying.edge.challenges import Challenges

# How long a person may look for their telephone, in ms.
PATIENCE_MS = 120_000
# An answer with an attestation is 1 to 5 kB.
ANSWER_MAX = 32_768
# A P-256 key that nobody has: an unknown passkey's answer is checked against it, which takes as long.
NOBODYS_KEY = (
    "pQECAyYgASFYIB0BngVIoplSmc53OivmX_qK4M_iST1DSGty39C9MNSvIlgg1EjY4IY-QH0jCSwr4wQoh96Ry84BXeIIAVKoq9P0UrQ"
)


class Place(Struct, frozen=True):
    """Where passkeys belong: `origin` is `https://host`, `id` the host alone, `name` the city's."""

    origin: str
    id: str
    name: str


class Made(Struct, frozen=True):
    """A passkey that was just made; both texts are base64url."""

    credential: str
    public_key: str
    count: int
    synced: bool


def place_of(origin: str, name: str) -> Place:
    """Refuses `passkeys_need_address` for an address that browsers make no passkeys for."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    if not (parts.scheme == "https" or host == "localhost") or host.replace(".", "").isdigit() or ":" in host:
        raise Refusal("passkeys_need_address", address=origin[:100])
    return Place(origin, host, name)


def ask_to_make(place: Place, account: Account, challenges: Challenges, about: str) -> dict[str, Any]:
    """What `navigator.credentials.create` is given (JSON values)."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers import structs as w

    known = [w.PublicKeyCredentialDescriptor(base64url_to_bytes(each.id)) for each in account.passkeys]
    options = webauthn.generate_registration_options(
        rp_id=place.id,
        rp_name=place.name,
        user_id=b"huying account %d" % account.id,
        user_name=account.code,
        user_display_name=account.name or account.code,
        challenge=challenges.make(about),
        timeout=PATIENCE_MS,
        authenticator_selection=w.AuthenticatorSelectionCriteria(
            resident_key=w.ResidentKeyRequirement.REQUIRED,
            user_verification=w.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=known,
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def check_made(place: Place, answer: dict[str, Any], challenges: Challenges, about: str) -> Made:
    """The passkey that a browser says was made; refuses `not_let_in` or `challenge_over`."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = _challenge(answer)
    challenges.take(challenge, about)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.id,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Refusal("not_let_in") from error
    return Made(
        bytes_to_base64url(made.credential_id),
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
        made.credential_backed_up,
    )


def ask_to_prove(
    place: Place, challenges: Challenges, about: str, account: Account | None = None
) -> dict[str, Any]:
    """What `navigator.credentials.get` is given; for whoever it is, or for one account's passkeys."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers import structs as w

    known = [each.id for each in account.passkeys] if account else []
    options = webauthn.generate_authentication_options(
        rp_id=place.id,
        challenge=challenges.make(about),
        timeout=PATIENCE_MS,
        allow_credentials=[w.PublicKeyCredentialDescriptor(base64url_to_bytes(each)) for each in known],
        user_verification=w.UserVerificationRequirement.REQUIRED,
    )
    made: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return made


def credential_of(answer: dict[str, Any]) -> str:
    """The id of the passkey that an answer says it is of."""
    id = answer.get("id")
    if not isinstance(id, str) or not 1 <= len(id) <= 1_400 or not id.isascii():
        raise Refusal("not_let_in")
    return id


def check_proof(
    place: Place, answer: dict[str, Any], challenges: Challenges, about: str, passkey: Passkey | None
) -> int:
    """The authenticator's new count; `passkey` None (of nobody) takes as long and is refused `not_let_in`.

    Refuses also `challenge_over`, and `passkey_copied` when the count has not gone on.
    """
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    challenge = _challenge(answer)
    challenges.take(challenge, about)
    try:
        proof = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.id,
            expected_origin=place.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key if passkey else NOBODYS_KEY),
            credential_current_sign_count=0,  # ours to compare, with a refusal of its own
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise Refusal("not_let_in") from error
    if passkey is None:
        raise Refusal("not_let_in")
    count = proof.new_sign_count
    if (count or passkey.count) and count <= passkey.count:
        raise Refusal("passkey_copied")
    return count


def _challenge(answer: dict[str, Any]) -> bytes:
    """The challenge that the browser says it signed."""
    from webauthn.helpers import base64url_to_bytes

    try:
        said = json.loads(base64url_to_bytes(answer["response"]["clientDataJSON"]))
        return bytes(base64url_to_bytes(said["challenge"]))
    except (KeyError, TypeError, ValueError):
        raise Refusal("not_let_in") from None
