"""How people write the names and numbers of roads: 330国道, 三三零国道, G 330, Main St, Third, Rte 19."""

from __future__ import annotations

import re
from collections.abc import Iterator

from huying.domain.pack import Road

_CLASS = {"g": "国道", "s": "省道", "x": "县道", "y": "乡道"}
_OF_CLASS = {name: letter for letter, name in _CLASS.items()}
# Other letters for one kind of road: an expressway of a province is an S as well.
REF = re.compile(
    r"(?<![a-z0-9])([gsxy])\s?-?(\d{1,4})(?!\d)(?:国道|省道|县道|乡道|高速公路|高速|公路|线)?"
    r"|(国道|省道|县道|乡道)\s?[gsxy]?(\d{1,4})(?!\d)(?:线)?"
    r"|(?<![\da-z.])(\d{2,4})(国道|省道|县道|乡道)"
)
_LATIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .'’-]*")
_SUFFIXES = {
    "street": ("st", "str"),
    "avenue": ("ave", "av"),
    "road": ("rd",),
    "drive": ("dr",),
    "lane": ("ln",),
    "boulevard": ("blvd",),
    "place": ("pl",),
    "court": ("ct",),
    "highway": ("hwy",),
    "parkway": ("pkwy",),
}
_ROAD_END = re.compile("(?:大道|路|街|巷)$")
_RING = re.compile("环城([东南西北])")
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]


def refs(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, reference) of numbered roads in a folded text whose spoken digits are figures."""
    for found in REF.finditer(text):
        if found[1]:
            yield found.start(), found.end(), found[1] + found[2]
        elif found[3]:
            yield found.start(), found.end(), _OF_CLASS[found[3]] + found[4]
        else:
            yield found.start(), found.end(), _OF_CLASS[found[6]] + found[5]


def ref_key(ref: str) -> str:
    """G330, g-330 and “G 330” are one."""
    return re.sub("[^a-z0-9]", "", ref.lower())


def names_of(road: Road) -> set[str]:
    """All ways of writing the road's names."""
    names: set[str] = set()
    for name in (*road.name.values(), *road.aliases):
        names.add(name)
        if _LATIN.fullmatch(name):
            names.update(_spellings(name))
    return names


def short_names(road: Road) -> set[str]:
    """Main, Third, 3rd and 崇文 for streets: such words mean the street only beside another or a number."""
    short: set[str] = set()
    if road.kind != "street":
        return short
    for name in (*road.name.values(), *road.aliases):
        words = name.split()
        if _LATIN.fullmatch(name) and len(words) > 1 and words[-1].lower() in _SUFFIXES:
            short.update(_spellings(" ".join(words[:-1])))
        stem = _ROAD_END.sub("", name)
        if stem != name and len(stem) >= 2:
            short.add(stem)
            ring = _RING.fullmatch(stem)
            if ring:
                short.add("环" + ring[1])
    return short


def _spellings(name: str) -> set[str]:
    """With the last word short, and with an ordinal in figures or in letters."""
    words = name.split()
    heads = {" ".join(words)}
    first = words[0].lower()
    if re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)", first) and int(first[:-2]) <= len(_ORDINALS):
        heads.add(" ".join([_ORDINALS[int(first[:-2]) - 1], *words[1:]]))
    elif first in _ORDINALS:
        n = _ORDINALS.index(first) + 1
        ending = {1: "st", 2: "nd", 3: "rd"}.get(n, "th")
        heads.add(" ".join([f"{n}{ending}", *words[1:]]))
    spelled = set(heads)
    for head in heads:
        *rest, last = head.split()
        for short in _SUFFIXES.get(last.lower(), ()):
            if rest:
                spelled.add(" ".join([*rest, short]))
    return spelled
