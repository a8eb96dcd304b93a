"""How a pack's people call: what stands in the folder `demo` of the pack."""

from __future__ import annotations

from huying.sim.crowds import read_crowds
from huying.sim.rhythm import Manner, read_curves, read_sentences
from huying.store.packdir import find_folder


def manner_of(pack: str, labelled: bool = True) -> Manner:
    """Of the pack of this name or folder; empty where it has no folder `demo`.

    Args:
        labelled: take the labelled reports of `said.csv` too, which speak as people do, not as a demo does.
    """
    demo = find_folder(pack) / "demo"

    def table(name: str) -> str:
        return (demo / name).read_text("utf-8") if (demo / name).is_file() else ""

    said = table("said.csv") if labelled else ""
    return Manner(
        (*read_sentences(table("sentences.csv")), *read_sentences(said)),
        read_curves(table("rhythm.csv")),
        read_crowds(table("crowds.csv")),
    )
