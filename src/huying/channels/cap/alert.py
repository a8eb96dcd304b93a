"""A CAP 1.2 document → `CapAlert`, as it came.

The standard: https://docs.oasis-open.org/emergency/cap/v1.2/CAP-v1.2.html
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from msgspec import Struct

from huying.base.refusal import Refusal
from huying.channels.cap.xmltree import read_xml
from huying.edge.instants import from_iso

NAMESPACES = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")

STATUSES = frozenset({"Actual", "Exercise", "System", "Test", "Draft"})
KINDS = frozenset({"Alert", "Update", "Cancel", "Ack", "Error"})

Point = tuple[float, float]


class CapArea(Struct, frozen=True):
    """`polygons` are rings of (lat, lon); `circles` are (lat, lon, radius in km)."""

    words: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()


class CapInfo(Struct, frozen=True):
    """One language's block: what, how urgent, how bad, how sure, where."""

    language: str
    event: str
    urgency: str
    severity: str
    certainty: str
    headline: str
    description: str
    instruction: str
    web: str
    areas: tuple[CapArea, ...]


class CapAlert(Struct, frozen=True):
    """`references` are the messages that this one updates or cancels, as (sender, identifier, sent)."""

    identifier: str
    sender: str
    sent: str
    sent_at: int
    status: str
    kind: str
    references: tuple[tuple[str, str, str], ...]
    infos: tuple[CapInfo, ...]

    @property
    def name(self) -> str:
        """How other messages refer to this one."""
        return ",".join((self.sender, self.identifier, self.sent))


def read_alert(raw: bytes) -> CapAlert:
    """
    Raises:
        Refusal: `bad_xml`, or `bad_alert` with what is missing or wrong.
    """
    root = read_xml(raw)
    space, _, name = root.tag.rpartition("}")
    if name != "alert" or space.lstrip("{") not in NAMESPACES:
        raise Refusal("bad_alert", element="alert", reason=root.tag)
    sent = _must(root, "sent")
    alert = CapAlert(
        identifier=_must(root, "identifier"),
        sender=_must(root, "sender"),
        sent=sent,
        sent_at=from_iso(sent, "sent"),
        status=_must(root, "status", STATUSES),
        kind=_must(root, "msgType", KINDS),
        references=tuple(_references(_text(root, "references"))),
        infos=tuple(_info(each) for each in _all(root, "info")),
    )
    if any(mark in alert.identifier + alert.sender for mark in " ,<&"):
        raise Refusal("bad_alert", element="identifier, sender", reason="space , < &")
    return alert


def _info(element: Element) -> CapInfo:
    return CapInfo(
        language=_text(element, "language") or "en-US",
        event=_must(element, "event"),
        urgency=_text(element, "urgency"),
        severity=_text(element, "severity"),
        certainty=_text(element, "certainty"),
        headline=_text(element, "headline"),
        description=_text(element, "description"),
        instruction=_text(element, "instruction"),
        web=_text(element, "web"),
        areas=tuple(_area(each) for each in _all(element, "area")),
    )


def _area(element: Element) -> CapArea:
    return CapArea(
        words=_text(element, "areaDesc"),
        polygons=tuple(_ring(_own(each)) for each in _all(element, "polygon")),
        circles=tuple(_circle(_own(each)) for each in _all(element, "circle")),
    )


def _ring(text: str) -> tuple[Point, ...]:
    """`38.47,-120.14 38.34,-119.95 …` → points."""
    return tuple(_point(pair, "polygon") for pair in text.split())


def _circle(text: str) -> tuple[float, float, float]:
    """`32.9525,-115.5527 10` → (lat, lon, km)."""
    middle, _, radius = text.partition(" ")
    try:
        km = float(radius or 0)
    except ValueError:
        km = -1.0
    if not 0 <= km <= 20_000:
        raise Refusal("bad_alert", element="circle", reason=text[:80])
    return (*_point(middle, "circle"), km)


def _point(pair: str, element: str) -> Point:
    try:
        lat, lon = (float(each) for each in pair.split(","))
    except ValueError:
        raise Refusal("bad_alert", element=element, reason=pair[:80]) from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise Refusal("bad_alert", element=element, reason=pair[:80])
    return lat, lon


def _references(text: str) -> Iterator[tuple[str, str, str]]:
    for triple in text.split():
        parts = triple.split(",")
        if len(parts) == 3:
            yield parts[0], parts[1], parts[2]


# ── elements, whatever edition's namespace they are in ──────────────────────────────────────────────────
def _all(element: Element, name: str) -> list[Element]:
    return [each for each in element if each.tag.rpartition("}")[2] == name]


def _own(element: Element) -> str:
    return (element.text or "").strip()


def _text(element: Element, name: str) -> str:
    found = _all(element, name)
    return _own(found[0]) if found else ""


def _must(element: Element, name: str, allowed: frozenset[str] = frozenset()) -> str:
    text = _text(element, name)
    if not text or (allowed and text not in allowed):
        raise Refusal("bad_alert", element=name, reason=text[:80] or "–")
    return text
