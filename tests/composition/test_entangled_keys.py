"""Keys that can only be had by way of each other end in an answer or in a coded error, soon."""

import random

import pytest

from supergraph import Subgraph, compose

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable"])\n'
)
ANSWERS = {"SATISFIABILITY_ERROR", "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"}


@pytest.mark.parametrize("seed", range(3))
def test_entangled_keys_are_settled_or_given_up(seed: int) -> None:
    draw = random.Random(seed)
    keys = [f"k{number}" for number in range(16)]
    subgraphs = []
    for number in range(16):
        own = draw.sample(keys, 3)
        directives = f'@key(fields: "{own[0]}") @key(fields: "{own[1]} {own[2]}")'
        fields = " ".join(f"{key}: ID! @shareable" for key in own)
        root = "type Query { e: E }\n" if number == 0 else ""
        sdl = f"{LINK}{root}type E {directives} {{ {fields} f{number}: Int }}"
        subgraphs.append(Subgraph(f"s{number}", sdl))
    result = compose(subgraphs)
    assert result.ok or {error.code for error in result.errors} <= ANSWERS
