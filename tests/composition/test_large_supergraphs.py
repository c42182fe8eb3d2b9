"""Composition keeps its pace where many subgraphs meet."""

import time

from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph
from tests.bench.generated_subgraphs import generate_subgraphs
from tests.composition.kit import link


def test_generated_subgraphs_compose_in_any_order_to_the_same_text() -> None:
    subgraphs = generate_subgraphs(3)
    result = compose(subgraphs)
    assert result.ok, result.errors
    assert compose(subgraphs[::-1]).supergraph_sdl == result.supergraph_sdl


def test_an_entity_of_many_subgraphs_takes_no_exponential_time() -> None:
    """Each of them can be entered from each, by way of any of the others."""
    count = 14
    subgraphs = [
        Subgraph(
            f"s{n}",
            link(
                9,
                f"type Query {{ q{n}: E }}\n"
                'type E @key(fields: "id") @key(fields: "owner { id }") {\n'
                f"  id: ID! owner: O @shareable a{n}: Int next{n}: E\n"
                f"  weight: Int {'' if n == 0 else '@external'}\n"
                + ("" if n == 0 else f'  cost{n}: Int @requires(fields: "weight")\n')
                + '}\ntype O @key(fields: "id") { id: ID! }',
            ),
        )
        for n in range(count)
    ]
    begun = time.process_time()
    result = compose(subgraphs)
    assert result.ok, result.errors
    assert time.process_time() - begun < 30  # Trying all ways would take years.
