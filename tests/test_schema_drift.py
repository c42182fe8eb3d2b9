"""The committed schema files are what the code prints today; `make schema` writes them again."""

import pytest

from subgraphs.demo.schema_files import SCHEMA, composed_sdl, subgraph_sdl
from subgraphs.demo.topology import SUBGRAPH_PORTS


@pytest.mark.parametrize("name", SUBGRAPH_PORTS)
def test_committed_subgraph_schema_is_current(name: str) -> None:
    assert (SCHEMA / f"{name}.graphql").read_text() == subgraph_sdl(name)


def test_committed_supergraph_is_what_composes_today() -> None:
    assert (SCHEMA / "supergraph.graphql").read_text() == composed_sdl()
