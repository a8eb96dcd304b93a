"""The workbench of one transaction: states as they are by now, and the facts that changed them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from huying.base.clock import Chance
from huying.base.refusal import Refusal
from huying.domain.account import Account, PartnerKey
from huying.domain.call import Call
from huying.domain.closure import Closure
from huying.domain.contact import Contact
from huying.domain.deployment import Deployment
from huying.domain.facts import TYPE_OF, Fact, Payload
from huying.domain.incident import Incident
from huying.domain.policy import Grant
from huying.domain.suggestion import Understood
from huying.domain.unit import Unit
from huying.service.evolve import EVOLVE
from huying.service.nearby import Nearby
from huying.service.ports import Batch, Head, House, Receipt, Store, Timer

# Incidents kept between transactions (about 3 kB each): enough for all that are being worked on in a county
# of a million people, so that following up a call rarely reads the store.
INCIDENTS_KEPT = 8_192


class Memory:
    """What the engine remembers between transactions; true only while nobody else has written."""

    def __init__(self) -> None:
        self.incidents: OrderedDict[int, Incident] = OrderedDict()
        self.timers: dict[int, frozenset[Timer]] = {}
        self.units: dict[str, Unit] = {}
        self.unit_codes: dict[int, str] = {}

    def forget(self) -> None:
        self.incidents.clear()
        self.timers.clear()
        self.forget_units()

    def forget_units(self) -> None:
        self.units.clear()
        self.unit_codes.clear()

    def take(self, incidents: dict[int, Incident]) -> None:
        """Remember incidents as they are stored."""
        for id, incident in incidents.items():
            self.incidents[id] = incident
            self.timers[id] = timers_of(incident)

    def trim(self) -> None:
        while len(self.incidents) > INCIDENTS_KEPT:
            id, _ = self.incidents.popitem(last=False)
            self.timers.pop(id, None)


def timers_of(incident: Incident) -> frozenset[Timer]:
    """The timers that an incident's deadlines ask for: each at its next instant."""
    return frozenset(Timer(each.next, incident.id, each.key) for each in incident.deadlines if each.next)


class Work:
    """One transaction at work. Handlers read states here and record facts; recording changes the states.

    `at`, `actor`, `purpose`, `automatic` and `understood` are those of the command in hand; `grant` is what
    the table of rules allows its sender, None for the installation's own commands; `left` is the sender's
    unit where it may still speak of an incident that it has left.
    """

    def __init__(
        self, store: Store, house: House, memory: Memory, nearby: Nearby, chance: Chance, head: Head
    ) -> None:
        self.store = store
        self.house = house
        self.pack = house.pack
        self.memory = memory
        self.nearby = nearby
        self.chance = chance
        self.head = head
        self.batch = Batch()
        self.seq = head.seq
        self.at = head.at
        self.actor = ""
        self.purpose = ""
        self.automatic = False
        self.understood: Understood | None = None
        self.grant: Grant | None = None
        self.left = ""

    # ── reading ─────────────────────────────────────────────────────────────────────────────────────────
    def incident(self, id: int, version: int = 0) -> Incident:
        """The incident as it is by now; refuses `changed_meanwhile` when `version` > 0 is not its own."""
        incident = self.memory.incidents.get(id)
        if incident is None:
            self.fetch((id,))
            incident = self.memory.incidents.get(id)
            if incident is None:
                raise Refusal("not_found", noun="incident", id=id)
        if version and version != incident.version:
            raise Refusal(
                "changed_meanwhile",
                id=id,
                version=incident.version,
                expected=version,
                by=incident.changed_by,
                at=incident.changed_at,
            )
        return incident

    def fetch(self, ids: Iterable[int]) -> None:
        """Bring incidents into memory by one statement."""
        missing = [id for id in ids if id not in self.memory.incidents]
        if missing:
            self.memory.take(self.store.load_incidents(missing))

    def call(self, id: int) -> Call:
        call = self.batch.calls.get(id)
        if call is None:
            call = self.store.load_calls((id,)).get(id)
            if call is None:
                raise Refusal("not_found", noun="call", id=id)
        return call

    def calls(self, ids: Iterable[int]) -> list[Call]:
        """Calls by one statement, in the order asked for."""
        wanted = list(ids)
        found = self.store.load_calls([id for id in wanted if id not in self.batch.calls])
        return [self.batch.calls.get(id) or found[id] for id in wanted]

    def units(self) -> dict[str, Unit]:
        """All units by code."""
        if not self.memory.units:
            for unit in self.store.load_units():
                self.memory.units[unit.code] = unit
                self.memory.unit_codes[unit.id] = unit.code
        return self.memory.units

    def unit(self, code: str) -> Unit:
        unit = self.units().get(code)
        if unit is None:
            raise Refusal("not_found", noun="unit", id=code)
        return unit

    def account(self, id: int) -> Account:
        account = self.batch.accounts.get(id) or self.store.load_account(id)
        if account is None:
            raise Refusal("not_found", noun="account", id=id)
        return account

    def partner_key(self, id: int) -> PartnerKey:
        key = self.batch.partner_keys.get(id) or self.store.load_key(id)
        if key is None:
            raise Refusal("not_found", noun="key", id=id)
        return key

    def closure(self, id: int) -> Closure:
        closure = self.batch.closures.get(id) or self.store.load_closure(id)
        if closure is None:
            raise Refusal("not_found", noun="closure", id=id)
        return closure

    def closures(self) -> list[Closure]:
        """Those in force now."""
        known = {each.id: each for each in self.store.load_closures(self.at)} | self.batch.closures
        return [each for each in known.values() if each.holds(self.at)]

    def deployment(self, id: int) -> Deployment:
        plan = self.batch.deployments.get(id) or self.store.load_deployment(id)
        if plan is None:
            raise Refusal("not_found", noun="plan", id=id)
        return plan

    def deployments(self) -> list[Deployment]:
        """Plans that are on the table or in force."""
        known = {each.id: each for each in self.store.load_deployments()} | self.batch.deployments
        return [each for each in known.values() if not each.ended_at]

    def behind(self, name: str) -> int:
        """The id of the account or key under a name; 0 for none."""
        id = self.batch.doors.get(name)
        return self.store.load_door(name) if id is None else id

    # ── recording ───────────────────────────────────────────────────────────────────────────────────────
    def begin(self, body: Payload) -> Fact:
        """Record the first fact of a new thing; its `seq` is the thing's id."""
        return self._record(self.seq + 1, 1, body)

    def on(self, incident: Incident, body: Payload) -> Fact:
        """Record a fact about an incident."""
        return self._record(incident.id, incident.version + 1, body)

    def under(self, thing: Account | PartnerKey, body: Payload) -> Fact:
        """Record a fact about an account or a partner's key."""
        return self._record(thing.id, thing.version + 1, body)

    def of_road(self, closure: Closure, body: Payload) -> Fact:
        """Record a fact about a closed road."""
        return self._record(closure.id, closure.version + 1, body)

    def of_call(self, call: Call, body: Payload) -> Fact:
        """Record a fact about a call that is kept already."""
        return self._record(call.id, call.version + 1, body)

    def of_plan(self, plan: Deployment, body: Payload) -> Fact:
        """Record a fact about a plan of deployment."""
        return self._record(plan.id, plan.version + 1, body)

    def about(self, unit: Unit, body: Payload) -> Fact:
        """Record a fact about a unit by itself."""
        return self._record(unit.id, unit.version + 1, body)

    def erase(self, contact: int, body: Payload) -> Fact:
        """Record the end of a contact and have its key removed."""
        self.batch.erased.append(contact)
        return self._record(contact, 2, body)

    def forget(self, contacts: Iterable[int], facts: Iterable[int]) -> None:
        """Have the keys of contacts and the payloads of earlier facts removed."""
        self.batch.erased += contacts
        self.batch.forgotten += facts

    def hide(self, under: int, facts: Iterable[int]) -> None:
        """Have the payloads of earlier facts sealed under the number of a new one, and removed."""
        self.batch.originals[under] = list(facts)
        self.batch.forgotten += self.batch.originals[under]

    def seal(self, contact: Contact, body: Payload) -> int:
        """Record a new contact and have it sealed; its id."""
        id = self.begin(body).stream
        self.batch.sealed[id] = contact
        return id

    def _record(self, stream: int, version: int, body: Payload) -> Fact:
        self.seq = seq = self.seq + 1
        kind = type(body)
        fact = Fact(seq, stream, version, TYPE_OF[kind], self.at, self.actor, self.purpose, body)
        self.batch.facts.append(fact)
        EVOLVE[kind](self, fact, body)
        return fact

    def receipt(self, receipt: Receipt) -> None:
        self.batch.receipts.append(receipt)

    # ── being changed by `evolve` ───────────────────────────────────────────────────────────────────────
    def incident_to_change(self, id: int) -> Incident:
        incident = self.batch.incidents.get(id)
        if incident is None:
            incident = self.batch.incidents[id] = self.incident(id)
        return incident

    def call_to_change(self, id: int) -> Call:
        call = self.batch.calls[id] = self.call(id)
        return call

    def unit_to_change(self, code: str) -> Unit:
        unit = self.unit(code)
        self.batch.units[unit.id] = unit
        return unit

    def unit_of_stream(self, id: int) -> Unit:
        self.units()
        return self.unit_to_change(self.memory.unit_codes[id])

    def add_incident(self, incident: Incident) -> None:
        self.memory.incidents[incident.id] = incident
        self.memory.timers[incident.id] = frozenset()
        self.batch.incidents[incident.id] = incident

    def add_call(self, call: Call) -> None:
        self.batch.calls[call.id] = call

    def add_unit(self, unit: Unit) -> None:
        self.units()[unit.code] = unit
        self.memory.unit_codes[unit.id] = unit.code
        self.batch.units[unit.id] = unit

    def closure_to_change(self, id: int) -> Closure:
        closure = self.batch.closures[id] = self.closure(id)
        return closure

    def add_closure(self, closure: Closure) -> None:
        self.batch.closures[closure.id] = closure

    def deployment_to_change(self, id: int) -> Deployment:
        plan = self.batch.deployments[id] = self.deployment(id)
        return plan

    def add_deployment(self, deployment: Deployment) -> None:
        self.batch.deployments[deployment.id] = deployment

    def account_to_change(self, id: int) -> Account:
        account = self.batch.accounts[id] = self.account(id)
        return account

    def add_account(self, account: Account) -> None:
        self.batch.accounts[account.id] = account

    def key_to_change(self, id: int) -> PartnerKey:
        key = self.batch.partner_keys[id] = self.partner_key(id)
        return key

    def add_key(self, key: PartnerKey) -> None:
        self.batch.partner_keys[key.id] = key

    def door(self, name: str, id: int) -> None:
        self.batch.doors[name] = id

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────────
    def finish(self) -> Batch:
        """The batch to commit, with the timers that changed."""
        batch, known = self.batch, self.memory.timers
        for id, incident in batch.incidents.items():
            before, after = known.get(id, frozenset()), timers_of(incident)
            if before != after:
                batch.timers_set |= after - before
                batch.timers_gone |= before - after
                known[id] = after
        return batch
