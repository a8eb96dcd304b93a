"""States as they are kept: one JSON document each, read back here."""

from __future__ import annotations

import msgspec

from huying.domain.account import Account, PartnerKey
from huying.domain.call import Call
from huying.domain.closure import Closure
from huying.domain.deployment import Deployment
from huying.domain.incident import Incident
from huying.domain.unit import Unit

read_call = msgspec.json.Decoder(Call).decode
read_incident = msgspec.json.Decoder(Incident).decode
read_unit = msgspec.json.Decoder(Unit).decode
read_deployment = msgspec.json.Decoder(Deployment).decode
read_closure = msgspec.json.Decoder(Closure).decode
read_account = msgspec.json.Decoder(Account).decode
read_key = msgspec.json.Decoder(PartnerKey).decode
