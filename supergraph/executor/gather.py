"""Find the objects an entity fetch is for, and the representations it asks with."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from supergraph.executor.entity_table import Batch, odd_key
from supergraph.executor.flatten import targets_at
from supergraph.executor.representations import build_representation
from supergraph.planner.plan_nodes import EntityGroup

__all__ = ["Gather", "add_target", "gathering"]

#: Adds to a batch for each group, from the data collected so far.
Gather: TypeAlias = Callable[[dict[str, Any], Sequence[Batch]], None]


def gathering(groups: Sequence[EntityGroup]) -> Gather:
    """The general way to gather for a fetch; `codegen.gather` makes faster ones."""

    def gather(data: dict[str, Any], batches: Sequence[Batch]) -> None:
        for group, batch in zip(groups, batches, strict=True):
            for path in group.paths:
                for target in targets_at(data, path):
                    representation = build_representation(target, group.requires)
                    if representation is not None:
                        add_target(batch, target, representation)

    return gather


def add_target(batch: Batch, target: dict[str, Any], representation: dict[str, Any]) -> None:
    """Let an object wait for the entity of its representation."""
    table = batch.table
    key = odd_key(representation)
    number = table.numbers.get(key)
    if number is None:
        number = table.numbers[key] = len(table.numbers)
        table.representations.append(representation)
    batch.targets.append(target)
    batch.numbers.append(number)
