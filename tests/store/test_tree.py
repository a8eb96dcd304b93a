"""The hash tree against the RFC's own numbers and against the RFC's own definition, written plainly."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.store import tree

# The leaves of the Certificate Transparency project's own test vectors, and the tree heads over them.
LEAVES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
HEADS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\0" + data).digest()


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node(plain_root(leaves[:k]), plain_root(leaves[k:]))


def grow(leaves: list[bytes], steps: list[int]) -> tuple[tree.Frontier, dict[tuple[int, int], bytes]]:
    """A tree grown by `steps` leaves at a time, the last step again and again, and its tiles."""
    tiles: dict[tuple[int, int], bytes] = {}
    frontier, done = tree.Frontier(), 0
    while done < len(leaves):
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        frontier, written = frontier.append(leaves[done : done + step])
        done += step
        tiles.update({(level, n): hashes for level, n, hashes in written})
    return frontier, tiles


def test_tree_heads_of_the_certificate_transparency_vectors() -> None:
    _, tiles = grow([leaf_hash(each) for each in LEAVES], [3])
    found = [tree.root(size, lambda level, n: tiles[level, n]).hex() for size in range(9)]
    assert found == HEADS


def test_audit_paths_of_the_certificate_transparency_vectors() -> None:
    _, tiles = grow([leaf_hash(each) for each in LEAVES], [8])
    path = tree.inclusion(0, 8, lambda level, n: tiles[level, n])
    assert [each.hex() for each in path] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    grown = tree.consistency(6, 8, lambda level, n: tiles[level, n])
    assert [each.hex() for each in grown] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.data())
def test_tiles_agree_with_the_plain_definition(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 1_500), label="size")
    steps = data.draw(st.lists(st.integers(1, 600), min_size=1, max_size=5), label="steps")
    leaves = [leaf_hash(b"%d" % i) for i in range(size)]
    frontier, stored = grow(leaves, steps)

    def tiles(level: int, n: int) -> bytes:
        return stored.get((level, n), b"")

    assert tree.root(size, tiles) == plain_root(leaves)
    again = tree.load_frontier(size, tiles)
    assert (again.size, list(again.edge)) == (size, list(frontier.edge)[: len(again.edge)])

    smaller = data.draw(st.integers(1, size), label="smaller")
    old_head = tree.root(smaller, tiles)
    assert old_head == plain_root(leaves[:smaller])
    index = data.draw(st.integers(0, smaller - 1), label="index")
    path = tree.inclusion(index, smaller, tiles)
    assert tree.includes(leaves[index], index, smaller, path, old_head)
    assert not tree.includes(leaf_hash(b"another"), index, smaller, path, old_head)
    for long in tree.LONG:  # as stores kept them before, and now
        bare = {key: packed[:long] for key, packed in stored.items()}
        assert tree.inclusion(index, smaller, lambda level, n: bare.get((level, n), b"")) == path  # noqa: B023
    proof = tree.consistency(smaller, size, tiles)
    assert frontier.head() == tree.root(size, tiles)
    for parts in (tree.inclusion_parts(index, smaller), tree.consistency_parts(smaller, size)):
        few = {key: stored[key] for key in tree.tiles_of(parts)}
        for start, end in parts:
            assert tree.subtree(start, end, lambda level, n: few[level, n]) == plain_root(leaves[start:end])  # noqa: B023
    head = tree.root(size, tiles)
    assert tree.consistent(smaller, old_head, size, head, proof)
    assert not tree.consistent(smaller, leaf_hash(b"another"), size, head, proof)


@pytest.mark.parametrize("index", [-1, 3])
def test_no_proof_for_a_leaf_that_is_not_there(index: int) -> None:
    _, tiles = grow([leaf_hash(b"a")] * 3, [3])
    with pytest.raises(ValueError, match="no such leaf"):
        tree.inclusion(index, 3, lambda level, n: tiles[level, n])
