"""The entities of one `_entities` selection that a run has asked for."""

import asyncio
from collections.abc import Hashable
from typing import Any

from supergraph.names import ResponsePath

__all__ = ["ODD", "Batch", "EntityTable", "odd_key"]

#: Marks keys made of a representation's text, apart from those made of its values.
ODD = object()


def odd_key(values: Any) -> Hashable:
    """A key for values of any JSON type.

    Their text tells 1, 1.0 and true apart, which are equal to Python.
    """
    return ODD, repr(values)


class EntityTable:
    """Entities numbered in the order they were first needed, so that none is asked for twice.

    `numbers` finds an entity by its key, which stands for its representation. `asked` counts those
    that a request was made for; `fields` and `errors` are what came.
    """

    __slots__ = (
        "asked",
        "errors",
        "fields",
        "in_flight",
        "is_shared",
        "numbers",
        "plain",
        "representations",
        "taken",
    )

    def __init__(self, *, is_shared: bool = False) -> None:
        #: Whether other fetches take entities from it too, perhaps when the first positions of an
        #: entity have changed already.
        self.is_shared = is_shared
        self.numbers: dict[Hashable, int] = {}
        self.representations: list[dict[str, Any]] = []
        self.asked = 0
        self.fields: list[dict[str, Any] | None] = []
        #: How many of them came with leaves only, each with a value.
        self.plain = 0
        #: By number, with paths inside the entity.
        self.errors: dict[int, list[tuple[ResponsePath, dict[str, Any]]]] = {}
        #: Numbers whose containers stand in the response already: whoever comes next gets a copy.
        self.taken: set[int] = set()
        #: Requests of other fetches that share the table.
        self.in_flight: set[asyncio.Future[None]] = set()

    @property
    def is_plain(self) -> bool:
        """Whether all entities came, and there is nothing to any of them but leaves with values."""
        return self.plain == len(self.fields)

    def claim(self) -> tuple[int, int]:
        """The numbers nobody has asked for yet, as a range; they count as asked from now on."""
        start, self.asked = self.asked, len(self.representations)
        self.fields.extend([None] * (self.asked - start))
        return start, self.asked


class Batch:
    """The objects of one group that wait for their entities: each with its entity's number."""

    __slots__ = ("numbers", "table", "targets")

    def __init__(self, table: EntityTable) -> None:
        self.table = table
        self.targets: list[dict[str, Any]] = []
        self.numbers: list[int] = []
