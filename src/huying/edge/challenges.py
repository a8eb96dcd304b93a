"""Challenges that an authenticator signs: ours, for one purpose, young, and good once.

They need no table: each carries when it was made and a tag of the installation's session key. One that was
used is remembered in this process until it is too old; a second process would take it again within
`LIFE`, from whoever has both the answer and the TLS connection that it went over.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from hashlib import sha256

from huying.base.clock import MINUTE, Chance, Clock
from huying.base.refusal import Refusal

LIFE = 5 * MINUTE
# Used ones remembered: more proofs of presence in five minutes than any county has staff.
USED_MAX = 20_000
_DICE, _TIME, _TAG = 16, 8, 16


class Challenges:
    def __init__(self, key: bytes, clock: Clock, chance: Chance) -> None:
        self._key = sha256(b"huying challenges" + key).digest()
        self._clock, self._chance = clock, chance
        self._used: OrderedDict[bytes, int] = OrderedDict()

    def make(self, about: str) -> bytes:
        """A new challenge for one purpose; `about` names it and whose it is."""
        head = self._chance.bytes(_DICE) + self._clock.now().to_bytes(_TIME, "big")
        return head + self._tag(head, about)

    def take(self, challenge: bytes, about: str) -> None:
        """Use a challenge up; refuses `challenge_over` when it is not ours, too old, or used."""
        head, tag = challenge[: _DICE + _TIME], challenge[_DICE + _TIME :]
        now = self._clock.now()
        if not hmac.compare_digest(tag, self._tag(head, about)) or challenge in self._used:
            raise Refusal("challenge_over")
        if not 0 <= now - int.from_bytes(head[_DICE:], "big") < LIFE:
            raise Refusal("challenge_over")
        self._used[challenge] = now
        while self._used and (len(self._used) > USED_MAX or now - next(iter(self._used.values())) > LIFE):
            self._used.popitem(last=False)

    def _tag(self, head: bytes, about: str) -> bytes:
        return hmac.digest(self._key, head + about.encode(), "sha256")[:_TAG]
