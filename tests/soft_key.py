"""An authenticator in software: makes real P-256 passkeys and signs with them, as WebAuthn level 3 says.

It does what a telephone does, and on request what a thief or a broken one would.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, MADE = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class SoftKey:
    """One passkey on one device, for one origin. `counts` False: signs with a counter of 0, as telephones."""

    def __init__(self, origin: str, *, counts: bool = True) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = hashlib.sha256(str(id(self)).encode() + origin.encode()).digest()
        self.counts = counts
        self.count = 0

    # ── what a browser's navigator.credentials gives ────────────────────────────────────────────────────
    def create(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        assert {"alg": -7, "type": "public-key"} in options["pubKeyCredParams"]
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        made = bytes(16) + struct.pack("!H", len(self.id)) + self.id + cbor2.dumps(cose)
        about = self._about(options["rp"]["id"], wrong.get("flags", PRESENT | VERIFIED) | MADE) + made
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        said = self._client_data("webauthn.create", options, wrong)
        return self._answer({"clientDataJSON": text(said), "attestationObject": text(attestation)})

    def get(self, options: dict[str, Any], **wrong: Any) -> dict[str, Any]:
        known = [each["id"] for each in options.get("allowCredentials", [])]
        assert not known or text(self.id) in known
        if self.counts and not wrong.get("stands_still"):
            self.count += 1
        about = self._about(wrong.get("rp", options["rpId"]), wrong.get("flags", PRESENT | VERIFIED))
        said = self._client_data("webauthn.get", options, wrong)
        signed = self.key.sign(about + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        if wrong.get("signature"):
            signed = wrong["signature"]
        response = {
            "clientDataJSON": text(said),
            "authenticatorData": text(about),
            "signature": text(signed),
        }
        return self._answer(response)

    # ── parts ───────────────────────────────────────────────────────────────────────────────────────────
    def _about(self, rp: str, flags: int) -> bytes:
        return hashlib.sha256(rp.encode()).digest() + struct.pack("!BI", flags, self.count)

    def _client_data(self, kind: str, options: dict[str, Any], wrong: dict[str, Any]) -> bytes:
        said = {
            "type": wrong.get("type", kind),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": wrong.get("origin", self.origin),
            "crossOrigin": False,
        }
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        id = text(self.id)
        return {
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
