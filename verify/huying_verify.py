#!/usr/bin/env python3
"""Checks a record of Huying without anything of Huying: Python ≥ 3.11 and the package `cryptography`.

  huying_verify.py --key KEY --facts facts.ndjson --checkpoint monday.txt --checkpoint today.txt
  huying_verify.py --key KEY --tiles mirror/ [--facts facts.ndjson]   with both the first bad fact is exact
  huying_verify.py --key KEY --proof fact.proof
  huying_verify.py --key KEY --growth growth.json --checkpoint monday.txt --checkpoint today.txt
  … --witness KEY --witness KEY --need 2    each checkpoint must bear so many cosignatures of these witnesses
  … --late 60    refuse facts dated over so many minutes before a witness had seen the journal without them
Ends with 0: as it was signed; 1: something was changed, or a signature is missing; 2: it can't be checked.
"""

import argparse
import json
from base64 import b64decode
from contextlib import suppress
from functools import reduce
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FIELDS = ["seq", "stream", "version", "type", "at", "actor", "purpose"]
SAID = {
    "facts": "属实：{n} 条事实与签名时一致|SOUND: {n} facts are as they were when they were signed",
    "proof": "属实：第 {n} 条事实确在存证中|SOUND: fact {n} is in the record",
    "growth": "属实：现在的存证以先前的 {n} 条开头|SOUND: the record still begins with the {n} facts of then",
    "erased": "其中 {n} 条内容已销毁或未给出，无从核对|of these {n} are erased or not shown: not checked",
    "masked": "其中 {n} 条内容已遮盖，无从核对|of these {n} are masked: what they say is not checked",
    "beyond": "检查点之后还有 {n} 条，未经签名|{n} more are newer than the newest checkpoint and unsigned",
    "unreadable": "无法核验：{n}|can't be checked: {n}",
    "bad": "不实：第 {first} 条至第 {last} 条：|NOT SOUND: facts {first} to {last}: ",
    "order": "缺一条，或次序、编号接不上|a fact is missing or out of order, also within its stream",
    "shape": "这一行不是一条事实|the line is not a fact",
    "time": "时间早于前一条|it is dated before the fact before it",
    "edited": "与哈希块不符，写入后被改动|it is not what the tile says: changed after it was written",
    "short": "检查点里有，现在没有了|the checkpoint had it, and now it is gone",
    "root": "其中有事实在签名后被改动|a fact among these was changed after it was signed",
    "late": "所写时间早于见证方所见|it is dated before a witness saw the journal without it",
    "signature": "检查点没有该公钥的有效签名|a checkpoint bears no true signature of the key",
    "cosigned": "见证签名不够|a checkpoint bears too few cosignatures",
    "path": "证明不成立|the proof does not hold",
}
Bad = type("Bad", (Exception,), {})  # of a key of SAID, and the first and last fact that it may be about


def node(left, right):
    return sha256(b"\1" + left + right).digest()


def climb(index, last, old, new, path):
    """The roots of the smaller and the larger tree that a proof leads to; RFC 9162 §2.1.3.2, §2.1.4.2."""
    for each in path:
        new = node(each, new) if index & 1 or index == last else node(new, each)
        if index & 1 or index == last:
            old = node(each, old)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        index, last = index >> 1, last >> 1
    return (old, new) if last == 0 else (b"", b"")


def key(text):
    """A vkey → (name, id, whether it is a witness's, key, the key's bytes)."""
    name, id, packed = text.strip().split("+", 2)
    raw = b64decode(packed)
    if sha256(name.encode() + b"\n" + raw).hexdigest()[:8] != id or raw[0] not in (1, 4):
        raise ValueError("not a key")
    return name, id, raw[0] == 4, Ed25519PublicKey.from_public_bytes(raw[1:]), raw[1:]


def signed(key, lines, body):
    """When the key signed (0: its signatures hold no time), None when it did not."""
    for line in lines:
        name, _, packed = line.removeprefix("— ").rpartition(" ")
        raw = b64decode(packed)
        time, start = (int.from_bytes(raw[4:12]), 12) if key[2] else (0, 4)
        with suppress(InvalidSignature):
            if (name, raw[:4].hex()) == key[:2]:
                key[3].verify(raw[start:], (f"cosignature/v1\ntime {time}\n" * key[2] + body).encode())
                return time
    return None


def checkpoint(text, ask):
    """(size, root, s at which a witness had seen it, 0 without one), its signatures checked."""
    body, _, lines = text.rpartition("\n\n")
    (origin, size, root), lines, body = body.split("\n")[:3], lines.strip("\n").split("\n"), body + "\n"
    if all(each[0] != origin or each[2] or signed(each, lines, body) is None for each in ask.key):
        raise Bad("signature", 0, 0)
    times = {each[4]: signed(each, lines, body) for each in ask.witness if each[2]}
    if len(times := [time for time in times.values() if time is not None]) < (ask.need or 0):
        raise Bad("cosigned", 0, 0)
    return int(size), b64decode(root), min(times, default=0)


def leaf_of(line):
    """(fact, leaf, whether its words are `shown`, `masked` or `erased`) of a line of an export."""
    pairs = json.loads(line, object_pairs_hook=lambda pairs: pairs)
    if [name for name, _ in pairs] not in ([*FIELDS, "salt", "body"], [*FIELDS, "digest", "body"]):
        raise ValueError("not a fact")
    fact, body = dict(pairs), line.rstrip().partition(b',"body":')[2][:-1]
    header = json.dumps([fact[name] for name in FIELDS], ensure_ascii=False, separators=(",", ":")).encode()
    digest, how = bytes.fromhex(fact.get("digest", "")), "erased" if body == b"null" else "masked"
    if "salt" in fact:
        digest, how = sha256(bytes.fromhex(fact["salt"]) + body).digest(), "shown"
    return fact, sha256(b"\0" + header + digest).digest(), how


def facts_of(ask, tiles, points, seen):
    """The leaves of an export, each checked against the one before it, its tile and the witnesses' clocks."""
    versions, at, floor, times = {}, 0, 0, {size: time for size, _, time in points}
    for seq, line in enumerate(ask.facts.open("rb"), 1):
        try:
            fact, leaf, how = leaf_of(line)
            stream, version, before = fact["stream"], fact["version"], versions.get(fact["stream"], 0)
            floor = max(floor, times.get(seq - 1, 0))
            wrong = {
                "order": (fact["seq"], version, version == 1) != (seq, before + 1, stream == seq),
                "time": fact["at"] < at,
                "edited": len(tiles) >= seq and tiles[seq - 1] != leaf,
                "late": ask.late is not None and fact["at"] < (floor - 60 * ask.late) * 1_000_000,
            }
        except (ValueError, TypeError, KeyError):
            wrong = {"shape": True}
        for code in (code for code in wrong if wrong[code]):
            raise Bad(code, seq, seq)
        versions[stream], at, seen[how] = version, fact["at"], seen.get(how, 0) + 1
        yield leaf


def check_all(ask, points):
    """Every checkpoint against the tree over the facts, or over the leaves in the tiles alone."""
    tiles, seen, full, size, good, sizes = [], {}, [], 0, 0, {point[0] for point in points}
    for first in range(0, points[-1][0] if ask.tiles else 0, 256):
        n, width = first // 256, min(256, points[-1][0] - first)
        path = "".join(f"x{n // 1000**i % 1000:03}/" for i in (3, 2, 1) if n >= 1000**i) + f"{n % 1000:03}"
        packed = (ask.tiles / "tile/0" / (path + (f".p/{width}" if width < 256 else ""))).read_bytes()
        tiles += [packed[i : i + 32] for i in range(0, 32 * width, 32)]
    for leaf in facts_of(ask, tiles, points, seen) if ask.facts else tiles:
        bits, size = size, size + 1
        while bits & 1:
            leaf, bits = node(full.pop(), leaf), bits >> 1
        full.append(leaf)  # the roots of all full subtrees so far, the largest first
        if size in sizes:
            root = reduce(lambda right, left: node(left, right), full[::-1])
            if any(point[0] == size and point[1] != root for point in points):
                raise Bad("root", good + 1, size)
            good = size
    if points[-1][0] > size:
        raise Bad("short", size + 1, points[-1][0])
    return [("facts", good), *seen.items(), ("beyond", size - good)]


def check_path(ask, points):
    """One fact against the checkpoint in its proof, or that the newest tree begins with the oldest one."""
    if ask.proof:
        head, _, text = ask.proof.read_text("utf-8").partition("\n\n")
        (size, root, _), (kind, extra, index, *path) = checkpoint(text, ask), head.split("\n")
        fact, leaf, how = leaf_of(b64decode(extra.removeprefix("extra ")))
        seq = int(index.removeprefix("index ")) + 1
        _, found = climb(seq - 1, size - 1, leaf, leaf, map(b64decode, path))
        if kind != "c2sp.org/tlog-proof@v1" or fact["seq"] != seq or found != root:
            raise Bad("path", seq, seq)
        return [("proof", seq), (how, 1)]
    (old, root, _), (size, newest, _) = points[0], points[-1]
    steps = [*map(b64decode, json.loads(ask.growth.read_bytes())["proof"])]
    start, *path = [root] * (old & (old - 1) == 0 or old == size) + steps
    rows = (old ^ (old - 1)).bit_length() - 1  # in which the older tree ends with a full subtree
    index, last = (old - 1) >> rows, (size - 1) >> rows
    if (climb(index, last, start, start, path) if old < size else (start, start)) != (root, newest):
        raise Bad("path", 1, old)
    return [("growth", old)]


def run(ask):
    """What was found, in both languages, and how to end."""
    try:
        paths = [*ask.checkpoint, *(ask.tiles.glob("checkpoint") if ask.tiles else ())]
        points = sorted(checkpoint(path.read_text("utf-8"), ask) for path in paths)
        found = (check_path if ask.proof or ask.growth else check_all)(ask, points)
        return [SAID[code].format(n=n) for code, n in found if n and code != "shown"], 0
    except Bad as bad:
        where = SAID["bad"].format(first=bad.args[1], last=bad.args[2]).split("|")
        return ["|".join(map(str.__add__, where, SAID[bad.args[0]].split("|")))], 1
    except (OSError, ValueError, IndexError, KeyError, AttributeError) as error:
        return [SAID["unreadable"].format(n=f"{type(error).__name__} {error}")], 2


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("--key", "--witness"):
        parser.add_argument(name, type=key, action="append", default=[], required=name == "--key")
    for name in ("--facts", "--tiles", "--proof", "--growth", "--need", "--late"):
        parser.add_argument(name, type=float if name in ("--need", "--late") else Path)
    parser.add_argument("--checkpoint", type=Path, action="append", default=[])
    said, end = run(parser.parse_args())
    print("\n".join(said).replace("|", "\n"))
    raise SystemExit(end)
