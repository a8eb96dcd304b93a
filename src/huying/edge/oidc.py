"""A city's own accounts by OpenID Connect: code flow with PKCE, state and nonce, by Authlib.

The city says who somebody is and in which of its groups; which role that makes here is a setting. What has to
be remembered between leaving and coming back travels in a sealed cookie, so no table is needed and another
process can take the answer.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
from typing import Any
from urllib.parse import urlsplit

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from huying.base.clock import HOUR, MINUTE, SECOND, Chance, Clock
from huying.base.refusal import Refusal
from huying.domain.principal import Role
from huying.edge.secrets import new_secret

# How long somebody may take at the city's page.
WAY_MAX = 10 * MINUTE
# How long the city's description and keys are remembered, and how soon unknown keys are asked for again.
KNOWN_FOR, AGAIN_AFTER = HOUR, MINUTE
# The city's answers: a description is 3 kB, keys some more, a token with many groups perhaps 20.
ANSWER_MAX = 262_144
PATIENCE_S = 10.0
# Clocks of two houses differ by so much without anybody's fault.
LEEWAY_S = 60
# Signatures by keys that only the city has; never a shared secret, never none.
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
_NONCE = 12


class OidcSettings(Struct, frozen=True):
    """`issuer` empty: there is none. `roles` maps a value of `claim` to (role, agency), in order."""

    issuer: str = ""
    client: str = ""
    secret: str = ""
    claim: str = "groups"
    roles: tuple[tuple[str, Role, str], ...] = ()


class Way(Struct, frozen=True):
    """What is remembered while somebody is at the city's page. `again`: to prove presence, not to come in."""

    state: str
    nonce: str
    verifier: str
    back: str
    at: int
    again: bool = False


class Citizen(Struct, frozen=True):
    """Who the city says it is. `role` is None where its groups make none here; `proven_at` (UTC µs) is when
    they last showed the city who they are, 0 where it doesn't say."""

    subject: str
    code: str
    name: str
    role: Role | None
    agency: str
    proven_at: int = 0


def read_roles(text: str) -> tuple[tuple[str, Role, str], ...]:
    """`desk=dispatcher water=clerk@water` → rows; refuses `bad_setting`."""
    rows = []
    for part in text.split():
        value, sign, right = part.rpartition("=")
        role, _, agency = right.partition("@")
        if not sign or not value or role not in list(Role):
            raise Refusal("bad_setting", name="HUYING_OIDC_ROLES", value=part, fault="VALUE=ROLE[@AGENCY]")
        rows.append((value, Role(role), agency))
    return tuple(rows)


class Oidc:
    """The city's accounts, as one installation sees them."""

    def __init__(self, settings: OidcSettings, key: bytes, clock: Clock, chance: Chance) -> None:
        parts = urlsplit(settings.issuer)
        if settings.issuer and parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
            fault = "https://"
            raise Refusal("bad_setting", name="HUYING_OIDC_ISSUER", value=settings.issuer[:100], fault=fault)
        self.settings = settings
        self._clock, self._chance = clock, chance
        self._box = AESGCM(hmac.digest(key, b"huying oidc way", "sha256"))
        self._known: dict[str, tuple[int, Any]] = {}

    @property
    def there(self) -> bool:
        return bool(self.settings.issuer)

    # ── going ───────────────────────────────────────────────────────────────────────────────────────────
    async def leave(self, root: str, back: str, again: bool) -> tuple[str, str]:
        """The city's address to go to, and the sealed way for a cookie.

        Refuses with `city_away` when the city's description can't be read.
        """
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        about = await asyncio.to_thread(self._about)
        dice = [new_secret(self._chance) for _ in range(3)]
        way = Way(dice[0], dice[1], dice[2], back, self._clock.now(), again)
        fresh = {"prompt": "login", "max_age": "0"} if again else {}
        address = prepare_grant_uri(
            about["authorization_endpoint"],
            client_id=self.settings.client,
            response_type="code",
            redirect_uri=self._return_to(root),
            scope="openid profile",
            state=way.state,
            nonce=way.nonce,
            code_challenge=create_s256_code_challenge(way.verifier),
            code_challenge_method="S256",
            **fresh,
        )
        return str(address), self._seal(way)

    # ── coming back ─────────────────────────────────────────────────────────────────────────────────────
    def open_way(self, sealed: str, state: str) -> Way:
        """The way that belongs to an answer; refuses `city_refused` one that nobody here has set out on."""
        try:
            raw = base64.urlsafe_b64decode(sealed + "==")
            plain = self._box.decrypt(raw[:_NONCE], raw[_NONCE:], b"way")
            way = msgspec.json.decode(plain, type=Way)
        except (ValueError, InvalidTag):
            raise Refusal("city_refused") from None
        young = 0 <= self._clock.now() - way.at < WAY_MAX
        if not young or not hmac.compare_digest(way.state.encode(), state.encode("utf-8", "replace")):
            raise Refusal("city_refused")
        return way

    async def arrive(self, way: Way, code: str, root: str) -> Citizen:
        """Who came back with `code`; refuses `city_refused` or `city_away`."""
        return await asyncio.to_thread(self._arrive, way, code, root)

    def _arrive(self, way: Way, code: str, root: str) -> Citizen:
        claims = self._claims(self._token(code, way, root), way)
        if way.again and "auth_time" not in claims:
            raise Refusal("city_refused")
        role, agency = self._role(claims.get(self.settings.claim))
        name = str(claims.get("name", ""))[:80]
        code_wanted = str(claims.get("preferred_username") or claims["sub"]).partition("@")[0]
        return Citizen(
            subject=f"{self.settings.issuer} {claims['sub']}",
            code=code_wanted[:40],
            name=name if name.isprintable() else "",
            role=role,
            agency=agency,
            proven_at=int(claims.get("auth_time", 0)) * SECOND,
        )

    def _role(self, said: Any) -> tuple[Role | None, str]:
        values = {str(each) for each in said} if isinstance(said, list) else {str(said)}
        for value, role, agency in self.settings.roles:
            if value in values:
                return role, agency
        return None, ""

    def _token(self, code: str, way: Way, root: str) -> str:
        """The ID token for a code: asked for with our secret and the verifier that only we have."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._return_to(root),
            "client_id": self.settings.client,
            "code_verifier": way.verifier,
        }
        about = self._about()
        basic = "client_secret_basic" in about.get(
            "token_endpoint_auth_methods_supported", ["client_secret_basic"]
        )
        login = (self.settings.client, self.settings.secret) if basic and self.settings.secret else None
        if self.settings.secret and not basic:
            form["client_secret"] = self.settings.secret
        told = self._ask("POST", about["token_endpoint"], form, login)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise Refusal("city_refused")
        return token

    def _claims(self, token: str, way: Way) -> dict[str, Any]:
        """What an ID token says, once signature, issuer, audience, time and nonce are right."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        try:
            decoded = self._decode(token)
            options = {
                "iss": {"essential": True, "value": self.settings.issuer},
                "aud": {"essential": True, "value": self.settings.client},
                "nonce": {"essential": True},
            }
            params = {"nonce": way.nonce, "client_id": self.settings.client}
            claims = CodeIDToken(decoded.claims, decoded.header, options, params)
            claims.validate(now=self._clock.now() // SECOND, leeway=LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Refusal("city_refused") from error
        return dict(claims)

    def _decode(self, token: str) -> Any:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        for fresh in (False, True):  # a city changes its keys: unknown ones are asked for once more
            keys = KeySet.import_key_set(self._keys(fresh))
            try:
                return jwt.decode(token, keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                if fresh:
                    raise
        raise AssertionError

    # ── asking the city ─────────────────────────────────────────────────────────────────────────────────
    def _about(self) -> dict[str, Any]:
        address = f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        about = self._remembered(address, KNOWN_FOR)
        if about.get("issuer") != self.settings.issuer:
            raise Refusal("city_away")
        return about

    def _keys(self, fresh: bool) -> Any:
        return self._remembered(self._about()["jwks_uri"], AGAIN_AFTER if fresh else KNOWN_FOR)

    def _remembered(self, address: str, age: int) -> dict[str, Any]:
        known = self._known.get(address)
        if known is None or self._clock.now() - known[0] >= age:
            known = self._known[address] = self._clock.now(), self._ask("GET", address)
        found: dict[str, Any] = known[1]
        return found

    def _ask(
        self,
        method: str,
        address: str,
        form: dict[str, str] | None = None,
        login: tuple[str, str] | None = None,
    ) -> dict[str, Any]:
        import httpx

        try:
            answer = httpx.request(
                method, address, data=form, auth=login, timeout=PATIENCE_S, follow_redirects=False
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Refusal("city_away") from error
        if answer.status_code >= 500 or len(answer.content) > ANSWER_MAX:
            raise Refusal("city_away")
        try:
            told = answer.json()
        except ValueError:
            raise Refusal("city_away") from None
        if answer.status_code != 200 or not isinstance(told, dict):
            raise Refusal("city_refused")
        return told

    # ── parts ───────────────────────────────────────────────────────────────────────────────────────────
    @staticmethod
    def _return_to(root: str) -> str:
        return f"{root}/sign-in/city/back"

    def _seal(self, way: Way) -> str:
        nonce = self._chance.bytes(_NONCE)
        sealed = nonce + self._box.encrypt(nonce, msgspec.json.encode(way), b"way")
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
