"""A city's own rows: agencies, types, deadlines, areas, words, units. Read by `huying.service.packs`."""

from __future__ import annotations

from functools import cached_property

from msgspec import Struct

from huying.base.text import Text
from huying.domain.deadline import Ladder, Span, SpanUnit
from huying.domain.edition import Edition
from huying.domain.policy import PolicyRow
from huying.domain.run_card import RunCard, Shift, Standard, UnitRow, UnitRule
from huying.domain.shorthand import Short
from huying.domain.worktime import WorkTime


class Agency(Struct, frozen=True):
    """`kind`: police, fire, ambulance, traffic, department, utility, town, volunteers, desk.

    `parent` is told when the agency is late; `area` is the area it is competent for (towns), or empty.
    """

    code: str
    kind: str
    name: Text
    parent: str = ""
    area: str = ""


class Station(Struct, frozen=True):
    """A base of units; `joint` marks a joint duty station shared by `agencies`."""

    code: str
    name: Text
    lat: float
    lon: float
    joint: bool
    agencies: tuple[str, ...]


class IncidentType(Struct, frozen=True):
    """`police` says whether it is police business; `agency` is who is competent by default (may be empty:
    the routing rules decide); `run_card` who is sent (empty: nobody); `open311` tells whether citizens may
    choose it; `apco` is the group of APCO ANS 2.103 where sure."""

    code: str
    name: Text
    group: str
    priority: int
    police: bool
    agency: str = ""
    run_card: str = ""
    questions: tuple[str, ...] = ()
    open311: bool = False
    apco: str = ""
    description: Text = {}


class Question(Struct, frozen=True):
    """`kind`: yesno, choice, text, number. `choices` are (value, name)."""

    code: str
    kind: str
    text: Text
    choices: tuple[tuple[str, Text], ...] = ()
    required: bool = False


class Disposition(Struct, frozen=True):
    """How an incident ended; `follow_up` says whether the caller is asked."""

    code: str
    name: Text
    follow_up: bool = True


class LetterPart(Struct, frozen=True):
    """One paragraph of the printed answer to a caller; `text` has {slots}, see `LETTER_SLOTS`. The parts
    `title`, `sign` and `date` stand where a letter has them, all others in their order."""

    code: str
    text: Text


# What a letter can be filled with.
LETTER_SLOTS = frozenset(
    {
        "agency",
        "answer",
        "call",
        "city",
        "date",
        "disposition",
        "due",
        "emergency",
        "name",
        "place",
        "received",
        "title",
        "type",
    }
)


class Area(Struct, frozen=True):
    """`kind`: town, beat, grid, community, village. `rings` are (lon, lat) degrees, outer ring first."""

    code: str
    kind: str
    name: Text
    parent: str
    rings: tuple[tuple[tuple[float, float], ...], ...]


class GazetteerPlace(Struct, frozen=True):
    code: str
    kind: str
    name: Text
    aliases: tuple[str, ...]
    lat: float
    lon: float
    area: str = ""


class Road(Struct, frozen=True):
    """A road as a line of (lat, lon) degrees. `kind`: motorway national provincial county street.

    `ref` is its number (G330); `km` the kilometre at each corner of the line, empty for roads without posts;
    `numbers` the house numbers at its first and its last corner.
    """

    code: str
    kind: str
    name: Text
    aliases: tuple[str, ...]
    line: tuple[tuple[float, float], ...]
    ref: str = ""
    area: str = ""
    km: tuple[float, ...] = ()
    numbers: tuple[int, int] | None = None


class TypeWord(Struct, frozen=True):
    """Words that add `weight` to a type, however often said; `priority` (0 none) may only raise urgency."""

    line: int
    words: str
    type: str
    weight: float
    priority: int = 0


class Scam(Struct, frozen=True):
    """A kind of scam that may be going on: what to `say` now, what to `ask` (several by `|`), and whose
    `desk` it goes to at once, the one that speaks with the banks."""

    code: str
    desk: str
    name: Text
    say: Text
    ask: Text


class ScamWord(Struct, frozen=True):
    """Words that speak for a kind of scam, for money that moves (`any`), or against a scam (`none`)."""

    line: int
    words: str
    kind: str
    weight: float


class Rule(Struct, frozen=True):
    """One line of the ordered routing table; empty conditions hold for everything.

    `types` are codes, or `group.*` for a group and for codes that begin so; `areas` codes; `hours` is
    `work`, `off` or `HH:MM-HH:MM`; `answers` are question → value; `priority_max` holds for that and more
    urgent. `agency` is a code or `{town}` for the agency competent for the place's town.
    """

    code: str
    line: int
    agency: str
    accept: Span
    due: Span
    ladder: str
    reason: Text
    types: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    hours: str = ""
    answers: dict[str, str] = {}
    priority_max: int = 5

    def speaks_of(self, type: IncidentType) -> bool:
        """Whether the rule's condition on types holds for the type."""
        return not self.types or any(names_type(each, type) for each in self.types)


def names_type(pattern: str, type: IncidentType) -> bool:
    """Whether `pattern` is the type's code, its group and `.*`, or a beginning of its code and `*`."""
    if not pattern.endswith("*"):
        return pattern == type.code
    return type.code.startswith(pattern[:-1]) or pattern == f"{type.group}.*"


class Keep(Struct, frozen=True):
    """`kind` (contact, words) of incidents of `types` (empty: all) is kept for `keep` after the incident was
    closed, because `purpose` needs it. Of several rows that hold, the longest counts."""

    code: str
    line: int
    kind: str
    keep: Span
    purpose: Text
    types: tuple[str, ...] = ()


class Pack(Struct, Edition, frozen=True, dict=True):
    """One city's data, checked: every code that is named exists."""

    name: str
    title: Text
    edition: str
    digest: str
    languages: tuple[str, ...]
    timezone: str
    centre: tuple[float, float]
    follow_up: Span
    duty_desk: str
    default_type: str
    worktime: WorkTime
    agencies: dict[str, Agency]
    stations: dict[str, Station]
    types: dict[str, IncidentType]
    questions: dict[str, Question]
    run_cards: dict[str, RunCard]
    shifts: dict[str, Shift]
    units: dict[str, UnitRow]
    dispositions: dict[str, Disposition]
    ladders: dict[str, Ladder]
    standards: dict[int, Standard]
    rules: tuple[Rule, ...]
    words: tuple[TypeWord, ...]
    areas: dict[str, Area]
    places: dict[str, GazetteerPlace]
    roads: dict[str, Road] = {}
    elsewhere: tuple[str, ...] = ()
    scams: dict[str, Scam] = {}
    scam_words: tuple[ScamWord, ...] = ()
    shorthand: tuple[Short, ...] = ()
    speeds: dict[str, dict[str, float]] = {}  # km/h by kind of unit and class of road, where not as usual
    emergency_number: str = "110"
    duplicate_m: float = 150.0
    duplicate_s: int = 1800
    duplicate_threshold: float = 0.25
    duplicate_weights: dict[str, float] = {}
    reopen_days: int = 30
    default_accept: Span = Span(1, SpanUnit.WORKING_DAYS)
    default_due: Span = Span(5, SpanUnit.WORKING_DAYS)
    default_ladder: str = ""
    policy: tuple[PolicyRow, ...] = ()  # without a row nobody may do anything
    keeps: tuple[Keep, ...] = ()
    letter: tuple[LetterPart, ...] = ()  # empty: answers are not printed
    unit_rules: tuple[UnitRule, ...] = ()
    danger_type: str = ""  # what is urgent and of no known type; empty: it stays the default type

    @cached_property
    def town_agency(self) -> dict[str, str]:
        """Area code → the town competent for it; where there is no town, whoever is competent for it."""
        competent = [each for each in self.agencies.values() if each.area]
        competent.sort(key=lambda each: each.kind == "town")
        return {each.area: each.code for each in competent}

    @cached_property
    def rules_of_type(self) -> dict[str, tuple[Rule, ...]]:
        """Type code → the rules that speak of it, in order."""
        return {
            code: tuple(rule for rule in self.rules if rule.speaks_of(type))
            for code, type in self.types.items()
        }

    @cached_property
    def public_types(self) -> frozenset[str]:
        """Types that citizens may choose."""
        return frozenset(code for code, type in self.types.items() if type.open311)

    @cached_property
    def open_types(self) -> frozenset[str]:
        """Types of which nobody knows yet what the call is."""
        return frozenset({self.default_type, self.danger_type or self.default_type})

    def type_of(self, code: str) -> IncidentType:
        """The type's row; the default type's when a later edition no longer lists it."""
        return self.types.get(code) or self.types[self.default_type]

    def rows_able(self, card: RunCard) -> tuple[UnitRow, ...]:
        """Rows of units that have an ability which the run card asks for; looked up once for each card."""
        rows = self._able.get(card.code)
        if rows is None:
            asked = {each.ability for need in card.every for each in need.chain}
            rows = tuple(row for row in self.units.values() if not asked.isdisjoint(row.abilities))
            self._able[card.code] = rows
        return rows

    def rows_fit(self, card: RunCard, on: frozenset[str]) -> tuple[UnitRow, ...]:
        """Of these the rows that one of the card's needs takes and that can be sent during the shifts that
        are on; looked up once for each card and set of shifts."""
        rows = self._fit.get((card.code, on))
        if rows is None:
            able = (row for row in self.rows_able(card) if row.is_on(on))
            rows = tuple(row for row in able if any(need.takes(row) for need in card.every))
            self._fit[card.code, on] = rows
        return rows

    def rule_of(self, row: UnitRow) -> UnitRule | None:
        """The first rule that speaks of the unit; None where it may do whatever it is able to."""
        return next((each for each in self.unit_rules if each.speaks_of(row)), None)

    @cached_property
    def _able(self) -> dict[str, tuple[UnitRow, ...]]:
        return {}

    @cached_property
    def _fit(self) -> dict[tuple[str, frozenset[str]], tuple[UnitRow, ...]]:
        return {}
