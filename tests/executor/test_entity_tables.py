"""Entities that several places of a response share."""

from typing import Any

import pytest

from supergraph.executor.entity_fetch import merge_entities
from supergraph.executor.entity_table import Batch, EntityTable
from supergraph.planner.plan_nodes import EntityGroup

GROUP = EntityGroup("_entities", "representations", (), (), "posts { author { id } }")


def batch_of(table: EntityTable, *targets: dict[str, Any]) -> Batch:
    """The targets all stand for the first entity."""
    batch = Batch(table)
    for target in targets:
        batch.targets.append(target)
        batch.numbers.append(0)
    return batch


def table_with_a_post(*, is_shared: bool) -> EntityTable:
    table = EntityTable(is_shared=is_shared)
    table.fields = [{"posts": [{"author": {"id": "1"}}]}]
    return table


def test_entity_of_a_later_fetch_has_nothing_that_was_merged_at_the_first_place() -> None:
    """One place may select under a response key what is another field at the other place."""
    table = table_with_a_post(is_shared=True)
    first: dict[str, Any] = {}
    merge_entities(GROUP, batch_of(table, first))
    first["posts"][0]["author"]["v"] = "a name, by a fetch in between"

    later: dict[str, Any] = {}
    merge_entities(GROUP, batch_of(table, later))

    assert later == {"posts": [{"author": {"id": "1"}}]}


@pytest.mark.parametrize("is_shared", [True, False])
def test_places_of_one_fetch_have_containers_of_their_own(is_shared: bool) -> None:
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    merge_entities(GROUP, batch_of(table_with_a_post(is_shared=is_shared), first, second))
    first["posts"][0]["author"]["v"] = 1

    assert second == {"posts": [{"author": {"id": "1"}}]}
