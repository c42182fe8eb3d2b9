"""The order in which subgraphs are given never shows in the result."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph
from tests.composition.kit import link
from tests.kit.examples import examples

_NAMES = ("accounts", "billing", "catalog", "delivery")


def test_every_order_gives_the_same_bytes() -> None:
    subgraphs = [
        Subgraph("a", link(3, 'type Query { e: E }\ntype E @key(fields: "id") { id: ID! a: Int }')),
        Subgraph("b", link(9, '"of b" type E @key(fields: "id") { id: ID! b: U }\nscalar U')),
        Subgraph("c", link(3, '"of c" type E @key(fields: "id") { id: ID! c: U }\nscalar U')),
    ]
    results = {compose(order).supergraph_sdl for order in permutations(subgraphs)}
    assert len(results) == 1
    assert None not in results


def test_every_order_gives_the_same_errors() -> None:
    subgraphs = [
        Subgraph("a", link(3, "type Query { v: V }\ntype V { x: Int y: Int }")),
        Subgraph("b", link(3, "type V { x: String y: Int }")),
        Subgraph("c", link(3, "type V { x: Boolean }")),
    ]
    results = {compose(order).errors for order in permutations(subgraphs)}
    assert len(results) == 1


@st.composite
def composable(draw: st.DrawFn) -> list[Subgraph]:
    """Subgraphs around common entities: each adds fields of its own and shares some values."""
    scalars = st.sampled_from(["Int", "Int!", "String", "[ID!]", "Shade"])
    subgraphs = []
    for name in _NAMES[: draw(st.integers(1, 4))]:
        own = draw(st.lists(scalars, max_size=3))
        shade = draw(st.lists(st.sampled_from("RGBW"), min_size=1, unique=True))
        shared = draw(st.sampled_from(["Int", "Int!"]))
        fields = " ".join(f"{name}{n}: {type_}" for n, type_ in enumerate(own))
        sdl = (
            f"type Query {{ {name}: Item }}\n"
            f'type Item @key(fields: "id") {{ id: ID! {fields} value: Value }}\n'.replace(
                "value: Value", "value: Value @shareable"
            )
            + f"type Value @shareable {{ x: {shared} }}\n"
            + f"enum Shade {{ {' '.join(shade)} }}"
        )
        subgraphs.append(Subgraph(name, link(draw(st.integers(3, 11)), sdl), f"http://{name}"))
    return subgraphs


@examples(60)
@given(composable(), st.randoms(use_true_random=False))
def test_shuffled_subgraphs_give_the_same_bytes(subgraphs: list[Subgraph], random) -> None:  # type: ignore[no-untyped-def]
    first = compose(subgraphs)
    shuffled = list(subgraphs)
    random.shuffle(shuffled)
    second = compose(shuffled)
    assert first.supergraph_sdl is not None, first.errors
    assert first == second
