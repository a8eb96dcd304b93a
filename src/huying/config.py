"""Every setting of an installation, in one table: the environment name, the default, the meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from huying.base.refusal import Refusal

PREFIX = "HUYING_"
_PASSWORD = re.compile(r"(?<=://)([^/@:]*):[^/@]*@")


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings as read. Field `store` is the environment's `HUYING_STORE`, and so on.

    What each means is a sentence in the word files, `setting.<field>`; the operations page lists them all.
    """

    store: str = "huying.sqlite"
    pack: str = "yunxi"
    host: str = "127.0.0.1"
    port: int = 8700
    lang: str = ""
    keys: str = ""
    erasures: str = ""
    engine_process: bool = True
    rate: float = 200.0
    burst: float = 1_000.0
    root_url: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    proxies: str = ""
    idle_s: int = 900
    oidc_issuer: str = ""
    oidc_client: str = ""
    oidc_secret: str = ""
    oidc_claim: str = "groups"
    oidc_roles: str = ""
    open311_keys: str = ""
    open311_tokens: bool = False
    open311_jurisdiction: str = ""
    record_origin: str = ""
    witnesses: str = ""
    models: str = ""


def read_config(environ: Mapping[str, str]) -> Config:
    """The settings of `environ`, defaults for the rest; an empty value counts as not set.

    Raises:
        Refusal: `bad_setting`, with the name, the value and what was wanted.
    """
    given: dict[str, Any] = {}
    for field in msgspec.structs.fields(Config):
        name = setting_name(field.name)
        value = environ.get(name, "").strip()
        if not value:
            continue
        try:
            given[field.name] = msgspec.convert(value, field.type, strict=False)
        except msgspec.ValidationError as fault:
            raise Refusal("bad_setting", name=name, value=value, fault=str(fault)) from None
    return Config(**given)


def setting_name(field: str) -> str:
    """The environment's name of a field."""
    return PREFIX + field.upper()


def shown(config: Config, field: str) -> Any:
    """The value of a field as it may be seen: keys and passwords are left out."""
    value = getattr(config, field)
    if field in ("keys", "open311_keys", "oidc_secret"):
        return "…" if value else ""
    return _PASSWORD.sub(r"\1:…@", value) if isinstance(value, str) else value
