"""What an operator set about the doors, from the settings of the installation."""

from __future__ import annotations

from huying.config import Config
from huying.edge.oidc import OidcSettings, read_roles
from huying.edge.settings import Settings


def settings_of(config: Config) -> Settings:
    """What an operator set about the doors."""
    return Settings(
        rate=config.rate,
        burst=config.burst,
        root_url=config.root_url,
        idle_s=config.idle_s,
        oidc=OidcSettings(
            issuer=config.oidc_issuer,
            client=config.oidc_client,
            secret=config.oidc_secret,
            claim=config.oidc_claim,
            roles=read_roles(config.oidc_roles),
        ),
        open311_keys=frozenset(config.open311_keys.split()),
        open311_tokens=config.open311_tokens,
        open311_jurisdiction=config.open311_jurisdiction,
    )
