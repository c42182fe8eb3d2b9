"""Random supergraphs answer like the monolith that graphql-core makes of the same data."""

import asyncio
from random import Random

from hypothesis import HealthCheck, assume, given, note
from hypothesis import strategies as st

from tests.federation.differential.compare import Comparison
from tests.federation.differential.graph import Graph
from tests.federation.differential.operation import random_operation
from tests.kit.examples import examples

OPERATIONS = 3
SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
#: Drawn by hypothesis, so that a failing example becomes small.
RANDOMS = st.randoms(use_true_random=False)


def check(rng: Random) -> None:
    comparison = Comparison(Graph(rng))
    checked = 0
    for _ in range(OPERATIONS):
        operation = random_operation(comparison.schema, rng)
        if comparison.is_valid(operation):
            note("\n\n".join(f"# {name}\n{sdl}" for name, sdl in comparison.sdl.items()))
            note(f"{operation.text}\n{operation.variables}")
            asyncio.run(comparison.check(operation))
            checked += 1
    assume(checked)


@examples(100, suppressed=SLOW)
@given(RANDOMS)
def test_a_gateway_answers_like_the_monolith(rng: Random) -> None:
    check(rng)
