"""Models of an installation, for the command line: the same round as on the page, put on record at once."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from huying.base.refusal import Refusal
from huying.bootstrap import open_house
from huying.domain.commands import Command, Envelope
from huying.domain.modelling import WORDS_ONLY, SetModel
from huying.learning.shelf import Shelf
from huying.store.models import read_model
from huying.store.opening import open_questions


class Place(Shelf):
    """`Shelf`, and what is put on record by hand. A running server takes it up."""

    def set(self, role: str, digest: str, why: str) -> dict[str, Any]:
        """Record that the model takes the role; its files are read first."""
        if digest not in ("", WORDS_ONLY):
            read_model(self.folders, digest)
        return self.record(SetModel(role=role, digest=digest, why=why))

    def record(self, command: Command) -> dict[str, Any]:
        """Carry out a command on the store, which is made when there is none."""
        with closing(open_house(self.store, self.pack)) as house, house.engine.transaction() as transaction:
            return transaction.execute(Envelope(command, actor="console", purpose="learn")).answer

    def there_is_a_store(self) -> bool:
        """A model made before there is a city has nothing to be on record in."""
        try:
            open_questions(self.store).close()
        except Refusal:
            return False
        return True
