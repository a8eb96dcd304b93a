"""Checks the labelled reports against the pack, adds new ones, and writes them without labels.

    python tools/labels_check.py                       check all, print the balance
    python tools/labels_check.py add FILE REPORTS      append reports written in the short form below
    python tools/labels_check.py places FILE PLACES    append place phrases: `text | kind | names | slip`
    python tools/labels_check.py blind REPORTS         id, text, channel in mixed order, to standard output

A folder is a language: its reports are numbered en-0001 and on, its place phrases enp-001 and on.
Short form, one report a line: `text | words`, under a header `# type priority`. The place is in braces.
Words: `c:` channel, `g:name@minute` happening, `s:` scam, `a:` agency, `p:` police, `P:` priority, `n:` notes
(to the end of the line); a word without a colon is the voice. What is not said comes from the pack's type.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "src" / "huying" / "packs" / "yunxi"
LABELLED = ROOT / "labelled"
COLUMNS = [
    "id",
    "text",
    "type",
    "priority",
    "police",
    "agency",
    "scam",
    "place",
    "place_start",
    "place_end",
    "channel",
    "voice",
    "duplicate_of",
    "at",
    "notes",
]
CHANNELS = {"p": "phone", "w": "web", "c": "chat", "h": "12345", "v": "vr"}
SCAMS = {"police", "service", "loan", "romance", "invest", "parcel", "relatives", "game", "other"}
PLACE_COLUMNS = ["id", "text", "phrase", "start", "end", "kind", "expected", "slip"]
PLACE_KINDS = {
    "junction", "kmpost", "village", "estate", "shop", "bus_stop", "house_number", "road", "relative",
    "bridge", "quay", "scenic", "ambiguous", "outside", "none",
}  # fmt: skip
KM_POST = re.compile(r"(G330国道|S217省道|X305县道|X308县道)K\d+\+\d{3}")
# Above this share of common 4-grams two reports are the same sentence with a word changed.
NEAR = 0.8
GRAM = 4
# Mobile numbers in the texts begin like no number ever issued.
REAL_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
REAL_PLATE = re.compile(r"(?:[浙沪苏闽赣皖粤京鲁豫]|\b[Zz]he(?:jiang)? ?)[A-X][· ]?[A-Z0-9]{4,7}")
# What stands behind the name itself in English: callers say "Chaliao" for Chaliao Village.
VILLAGE = " Village"

Row = dict[str, str]


def rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(name: str) -> dict[str, Row]:
    return {row["code"]: row for row in rows(PACK / name)}


def happening(row: Row) -> str:
    return row["duplicate_of"] or row["id"]


def part(row: Row, rule: dict[str, object]) -> str:
    """train, dev or test, by the frozen rule of labelled/split.json."""
    number = int(hashlib.sha256(happening(row).encode()).hexdigest()[:8], 16) % 100
    bounds = {name: span for name, span in rule.items() if isinstance(span, list)}
    return next(name for name, (low, high) in bounds.items() if low <= number < high)


def names_of(row: Row) -> set[str]:
    """What a place of the gazetteer is called, in both languages."""
    names = {row["name_zh"], row["name_en"], row["name_en"].removesuffix(VILLAGE), *row["aliases"].split("|")}
    return names - {""}


def town_of(place: str) -> str:
    """The town government of a place of the gazetteer named in these words, else the duty desk."""
    shapes = json.loads((PACK / "areas.geojson").read_text("utf-8"))["features"]
    parents = {shape["properties"]["code"]: shape["properties"].get("parent") for shape in shapes}
    towns = {row["area"]: code for code, row in table("agencies.csv").items() if code.startswith("town_")}
    best, area = 0, ""
    for row in rows(PACK / "places.csv"):
        for name in names_of(row):
            if len(name) > best and name.casefold() in place.casefold():
                best, area = len(name), row["area"]
    while area and area not in towns:
        area = parents.get(area) or ""
    return towns.get(area, "duty")


def read_short(path: Path, done: list[Row], prefix: str) -> list[Row]:
    """The rows that a file in the short form adds to those already there; `prefix` begins their ids."""
    types = table("types.csv")
    # The names of happenings live only in the file being added; the notes keep them for looking up later.
    heads: dict[str, str] = {}
    for row in done:
        for name in re.findall(r"^g:(\S+)", row["notes"]):
            heads.setdefault(name, happening(row))
    added: list[Row] = []
    kind, priority = "", ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        if line.startswith("# "):
            kind, priority = line[2:].split()
            continue
        text, _, words = line.rpartition("|") if "|" in line else (line, "", "")
        row = dict.fromkeys(COLUMNS, "")
        row |= {"id": f"{prefix}-{len(done) + len(added) + 1:04d}", "type": kind, "priority": priority}
        row |= {"channel": "phone", "voice": "adult"}
        words, _, notes = words.partition("n:")
        text = text.strip()
        if found := re.search(r"\{(.+?)\}", text):
            row["place"], row["place_start"] = found[1], str(found.start())
            row["place_end"] = str(found.start() + len(found[1]))
            text = text.replace("{", "", 1).replace("}", "", 1)
        row["text"] = text
        if kind not in types:
            raise SystemExit(f"{path}:{number}: no type {kind}")
        row["police"], row["agency"] = types[kind]["police"], types[kind]["agency"]
        for word in words.split():
            key, colon, value = word.partition(":")
            if not colon:
                row["voice"] = word
            elif key == "g":
                name, _, at = value.partition("@")
                notes, row["at"] = f"g:{name} {notes}".strip(), at or "0"
                if name in heads:
                    row["duplicate_of"] = heads[name]
                else:
                    heads[name] = row["id"]
            else:
                column = {"c": "channel", "s": "scam", "a": "agency", "p": "police", "P": "priority"}[key]
                row[column] = CHANNELS.get(value, value) if key == "c" else value
                if key == "p":
                    row["police"] = {"y": "yes", "n": "no"}[value]
        if row["agency"] == "{town}":
            row["agency"] = town_of(row["place"])
        row["notes"] = notes.strip()
        added.append(row)
    return added


def faults_of(row: Row, types: dict[str, Row], agencies: dict[str, Row], ids: dict[str, Row]) -> list[str]:
    """What is wrong with one row, in words that name the column."""
    found = []
    if not row["text"].strip():
        found.append("text is empty")
    if row["type"] not in types:
        found.append(f"type {row['type']}")
    if row["agency"] not in agencies:
        found.append(f"agency {row['agency']}")
    if row["priority"] not in set("12345"):
        found.append(f"priority {row['priority']}")
    if row["police"] not in {"yes", "no"}:
        found.append(f"police {row['police']}")
    if row["channel"] not in CHANNELS.values():
        found.append(f"channel {row['channel']}")
    if row["scam"] not in SCAMS | {""}:
        found.append(f"scam {row['scam']}")
    # Counterfeit money stands in the group of frauds, and no one is talked into anything there.
    if row["type"] in {"fraud.ongoing", "fraud.done", "fraud.attempt"} and not row["scam"]:
        found.append("scam is empty")
    if row["scam"] and not row["type"].startswith("fraud."):
        found.append("scam without fraud")
    if row["place"]:
        start, end = int(row["place_start"]), int(row["place_end"])
        if row["text"][start:end] != row["place"]:
            found.append("place is not where it is said to be")
    elif row["place_start"] or row["place_end"]:
        found.append("offsets without a place")
    head = ids.get(row["duplicate_of"]) if row["duplicate_of"] else row
    if head is None or head["duplicate_of"] not in {"", row["duplicate_of"]}:
        found.append(f"duplicate_of {row['duplicate_of']}")
    if row["duplicate_of"] and not row["at"].lstrip("-").isdigit():
        found.append("at is no number of minutes")
    if REAL_MOBILE.search(row["text"]) or REAL_PLATE.search(row["text"]):
        found.append("a number that may be somebody's")
    if re.search(r"[{}|\n]", row["text"]):
        found.append("a mark of the short form")
    return found


def near_repeats(reports: list[Row]) -> list[tuple[str, str, float]]:
    """Pairs whose 4-grams overlap by more than NEAR, or whose text is the same."""
    grams = {
        row["id"]: {row["text"][i : i + GRAM] for i in range(max(1, len(row["text"]) - GRAM + 1))}
        for row in reports
    }
    holders: dict[str, list[str]] = defaultdict(list)
    found = []
    for name, mine in grams.items():
        common = Counter(other for gram in mine for other in holders[gram])
        for other, count in common.items():
            share = count / (len(mine) + len(grams[other]) - count)
            if share > NEAR:
                found.append((other, name, share))
        for gram in mine:
            holders[gram].append(name)
    return found


def check_reports(path: Path) -> list[str]:
    """Every fault of a file of reports."""
    types, agencies = table("types.csv"), table("agencies.csv")
    reports = rows(path)
    ids = {row["id"]: row for row in reports}
    found = [] if list(reports[0]) == COLUMNS else ["columns"]
    if len(ids) != len(reports):
        found.append("an id stands twice")
    for row in reports:
        found += [f"{row['id']}: {fault}" for fault in faults_of(row, types, agencies, ids)]
    found += [f"{a} and {b} are nearly the same ({share:.2f})" for a, b, share in near_repeats(reports)]
    return found


def read_places(path: Path, done: list[Row], prefix: str) -> list[Row]:
    """Place phrases of lines `text with {phrase} | kind | expected names | slip`."""
    added = []
    for line in filter(str.strip, path.read_text("utf-8").splitlines()):
        text, kind, expected, slip = (part.strip() for part in line.split("|"))
        found = re.search(r"\{(.+?)\}", text)
        if not found:
            raise SystemExit(f"{path}: no phrase in {line}")
        row = {"id": f"{prefix}p-{len(done) + len(added) + 1:03d}"}
        row |= {"text": text.replace("{", "").replace("}", "")}
        row |= {"phrase": found[1], "start": str(found.start()), "end": str(found.start() + len(found[1]))}
        added.append(row | {"kind": kind, "expected": expected.replace(",", "|"), "slip": slip})
    return added


def check_places(path: Path) -> list[str]:
    """Every fault of a file of place phrases."""
    names = {name for row in rows(PACK / "places.csv") for name in (row["name_zh"], row["name_en"])}
    found, seen = [], set()
    phrases = rows(path)
    # Phrases that are answered by a code or a coordinate belong to another pack and are measured there.
    if list(phrases[0]) != PLACE_COLUMNS:
        return [] if {"id", "text", "kind"} <= set(phrases[0]) else ["columns"]
    for row in phrases:
        if row["text"][int(row["start"]) : int(row["end"])] != row["phrase"] or not row["phrase"]:
            found.append(f"{row['id']}: the phrase is not where it is said to be")
        if row["kind"] not in PLACE_KINDS:
            found.append(f"{row['id']}: kind {row['kind']}")
        if bool(row["expected"]) == (row["kind"] in {"outside", "none"}):
            found.append(f"{row['id']}: expected {row['expected']}")
        for name in filter(None, row["expected"].split("|")):
            if (
                name not in names
                and not KM_POST.fullmatch(name)
                and row["kind"] not in {"house_number", "road"}
            ):
                found.append(f"{row['id']}: no place {name}")
        if row["text"] in seen:
            found.append(f"{row['id']}: stands twice")
        seen.add(row["text"])
    return found


def balance(path: Path) -> str:
    reports = rows(path)
    rule = json.loads((LABELLED / "split.json").read_text("utf-8"))
    counts = Counter(row["type"] for row in reports)
    groups = Counter(row["duplicate_of"] for row in reports if row["duplicate_of"])
    few = sorted(code for code in table("types.csv") if counts[code] < 4)
    words = [len(row["text"].split()) for row in reports]
    lines = [f"{path.relative_to(ROOT)}: {len(reports)} reports, {len(counts)} types"]
    for column in ("priority", "police", "channel", "scam"):
        lines.append(f"  {column}: {dict(sorted(Counter(row[column] for row in reports).items()))}")
    lines.append(f"  split: {dict(Counter(part(row, rule) for row in reports))}")
    lines.append(
        f"  happenings told more than once: {len(groups)}, in {sum(groups.values()) + len(groups)} reports"
    )
    lines.append(f"  without a place: {sum(not row['place'] for row in reports)}")
    for mark in ("hardneg", "near:", "outside"):
        lines.append(f"  notes with {mark} {sum(mark in row['notes'] for row in reports)}")
    # Chinese has no blanks between words: there only the characters say what is long.
    longest = sum(count > 60 for count in words), sum(len(row["text"]) > 150 for row in reports)
    lines.append(f"  over 60 words, over 150 characters: {longest}")
    lines.append(f"  voices: {len({row['voice'] for row in reports})}")
    lines.append(f"  most: {counts.most_common(12)}")
    lines.append(f"  fewer than 4: {len(few)} {few[:20]}")
    return "\n".join(lines)


def write(path: Path, reports: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(reports[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(reports)


def main(words: list[str]) -> int:
    if words[:1] == ["add"]:
        path = Path(words[2])
        done = rows(path) if path.exists() else []
        write(path, done + read_short(Path(words[1]), done, path.parent.name))
    if words[:1] == ["places"]:
        path = Path(words[2])
        done = rows(path) if path.exists() else []
        write(path, done + read_places(Path(words[1]), done, path.parent.name))
    if words[:1] == ["blind"]:
        mixed = sorted(rows(Path(words[1])), key=lambda row: hashlib.sha256(row["id"].encode()).digest())
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["id", "text", "channel"])
        writer.writerows([row["id"], row["text"], row["channel"]] for row in mixed)
        return 0
    found: list[str] = []
    for path in sorted(LABELLED.glob("*/reports.csv")):
        found += check_reports(path)
        print(balance(path))
    for path in sorted(LABELLED.glob("*/places.csv")):
        found += check_places(path)
        print(f"{path.relative_to(ROOT)}: {dict(Counter(row['kind'] for row in rows(path)))}")
    print("\n".join(found) or "no fault")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
