"""TLS by the server itself: TLS 1.2 and newer, and a renewed certificate is taken up without a restart."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from huying.base.refusal import Refusal

# A certificate is renewed weeks before it ends; a minute is soon enough.
RENEW_S = 60.0

log = logging.getLogger("huying.tls")


class Tls(Struct, frozen=True):
    """Files in PEM: the certificate with those that vouch for it, and its private key."""

    cert: str
    key: str

    def context(self) -> ssl.SSLContext:
        """Refuses with `tls_unreadable` what can't be used."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Forward secrecy with every one; what is older is for machines that have no place here.
        context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
        context.options |= ssl.OP_NO_RENEGOTIATION
        self.load(context)
        return context

    def load(self, context: ssl.SSLContext) -> None:
        try:
            context.load_cert_chain(self.cert, self.key, password=_no_password)
        except (OSError, ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
            raise Refusal("tls_unreadable", cert=self.cert, key=self.key, reason=reason) from error

    def stamp(self) -> tuple[int, ...]:
        """Changes when a file was written anew; empty while one is missing."""
        try:
            return tuple(Path(each).stat().st_mtime_ns for each in (self.cert, self.key))
        except OSError:
            return ()


def _no_password() -> str:
    """A server that starts by itself can't be asked for one."""
    raise ValueError("encrypted private key")


async def keep_fresh(tls: Tls, context: ssl.SSLContext, every_s: float = RENEW_S) -> None:
    """Take up a renewed certificate for ever; new connections get it."""
    last = tls.stamp()
    while True:
        await asyncio.sleep(every_s)
        now = tls.stamp()
        if now and now != last:
            try:
                tls.load(context)
            except Refusal as refusal:  # half written, or wrong: the one before goes on
                log.warning("the renewed certificate can't be used: %s", refusal.params.get("reason"))
                continue
            last = now
            log.warning("a renewed certificate is in use")


def factory(context: ssl.SSLContext) -> Callable[[Any, Any], ssl.SSLContext]:
    """As uvicorn wants it."""
    return lambda config, usual: context
