"""What an installation may set about its doors; the bounds here are the defaults."""

from __future__ import annotations

from msgspec import Struct

from huying.edge.oidc import OidcSettings

MEGABYTE = 1_048_576


class Settings(Struct, frozen=True):
    """Sizes in bytes, rates in requests per second and client address; a rate of 0 sets no limit.

    `body_max` holds any single request: the longest call (20,000 characters and 50 answers) is a tenth of
    it. `bulk_max` is a day of a large city in one file. `rate`/`burst` stop one runaway client from taking
    the house for itself; a whole town behind one address stays far below. Programs on the same machine
    (address 127.0.0.1, ::1) aren't counted: a proxy in front passes its clients' addresses on.
    `open311_keys` are the api_keys of which one must be given with a request; empty asks for none.
    `open311_tokens` answers requests with a token instead of an id, as the standard allows.
    `root_url` is the address that citizens see, for documents that name it and for passkeys, which belong to
    it; empty takes the request's own. `demo` lets made-up people in by a button, `drill` is the
    scenario that is played here; every page and every answer says so. `idle_s` are the seconds
    after which a session that nobody used is locked; 0 never. `tls`: the server itself speaks TLS.
    """

    body_max: int = MEGABYTE
    bulk_max: int = 64 * MEGABYTE
    rate: float = 200.0
    burst: float = 1_000.0
    open311_keys: frozenset[str] = frozenset()
    open311_tokens: bool = False
    open311_jurisdiction: str = ""
    root_url: str = ""
    demo: bool = False
    drill: str = ""
    idle_s: int = 900
    oidc: OidcSettings = OidcSettings()
    tls: bool = False

    @property
    def says(self) -> str:
        """What every page says of itself: `drill`, `demo`, or nothing where all is real."""
        return "drill" if self.drill else "demo" if self.demo else ""

    @property
    def secure(self) -> bool:
        """Whether browsers come over TLS."""
        return self.root_url.startswith("https://") or (self.tls and not self.root_url)
