"""How a pack's people call: what stands in the folder `demo` of the pack."""

from __future__ import annotations

from huying.domain.pack import Pack
from huying.sim.chance import Dice
from huying.sim.crowds import read_crowds
from huying.sim.rhythm import Manner, Rhythm, read_curves, read_sentences
from huying.store.packdir import find_folder

# A working day of a county of some 400,000 people: a call every two minutes in the busy hours, and a third of
# the units out. With twice as many the ambulances are never home, and nobody in the hills is reached in time.
CALLS_PER_DAY = 450.0


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


def rhythm_of(pack: Pack, folder: str, seed: int, calls_per_day: float = CALLS_PER_DAY) -> Rhythm:
    """The calls of a pack, by the sentences and the week in its folder `demo`, or by its types' names."""
    return Rhythm(pack, Dice(seed).fork("rhythm"), calls_per_day, manner_of(folder, labelled=False))
