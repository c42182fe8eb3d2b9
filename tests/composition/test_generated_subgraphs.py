"""Subgraph sets made by Hypothesis: sound ones compose, each known fault gives its code.

A sound set is made of entities that are spread over subgraphs: every subgraph that knows an entity
declares its key, so whatever a query asks for can be reached. A fault is one change that breaks
one rule, made anywhere in such a set.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from graphql import GraphQLObjectType, build_schema
from hypothesis import given
from hypothesis import strategies as st

from supergraph.composition.compose import compose
from supergraph.composition.result import CompositionResult, Subgraph
from supergraph.federation.api_schema import build_api_schema
from supergraph.federation.supergraph_state import parse_supergraph
from tests.kit.examples import examples

IMPORTS = ("@key", "@shareable", "@external", "@requires", "@override")
SHARED = " @shareable"
SCALARS = ("Int", "String!", "[Float!]", "Boolean", "ID!")


@dataclass(frozen=True)
class Entity:
    """An entity in one subgraph: fields with their types; `directives` go behind a field's type."""

    name: str
    fields: Mapping[str, str]
    key: str | None = "id"
    directives: Mapping[str, str] = field(default_factory=dict)

    def sdl(self) -> str:
        key = f' @key(fields: "{self.key}")' if self.key else ""
        fields = "".join(
            f"  {name}: {type_}{self.directives.get(name, '')}\n"
            for name, type_ in self.fields.items()
        )
        return f"type {self.name}{key} {{\n{fields}}}\n"


@dataclass(frozen=True)
class Part:
    """One subgraph; its query returns each of its entities."""

    name: str
    entities: tuple[Entity, ...]

    def subgraph(self) -> Subgraph:
        imports = ", ".join(f'"{name}"' for name in IMPORTS)
        link = f'@link(url: "https://specs.apollo.dev/federation/v2.9", import: [{imports}])'
        queries = "".join(f"  {self.name}{e.name}: [{e.name}]\n" for e in self.entities)
        types = "\n".join(entity.sdl() for entity in self.entities)
        query = f"type Query {{\n{queries}}}\n" if queries else ""
        return Subgraph(self.name, f"extend schema {link}\n{query}{types}", f"http://{self.name}")


@st.composite
def sound_parts(draw: st.DrawFn) -> tuple[Part, ...]:
    """Two to four subgraphs with one to four entities; the first entity is in the first two."""
    count = draw(st.integers(2, 4))
    entities: list[list[Entity]] = [[] for _ in range(count)]
    names = [f"E{number}" for number in range(draw(st.integers(1, 4)))]
    for number, name in enumerate(names):
        homes = draw(st.sets(st.integers(0, count - 1), min_size=1))
        homes |= {0, 1} if number == 0 else set()
        shared = draw(st.dictionaries(st.sampled_from("st"), st.sampled_from(SCALARS)))
        for home in sorted(homes):
            own = draw(st.dictionaries(st.sampled_from("abc"), st.sampled_from(SCALARS)))
            fields = {"id": "ID!", **{f"{key}{home}": type_ for key, type_ in own.items()}}
            others: list[str] = [other.name for other in entities[home]]
            for other in draw(st.lists(st.sampled_from(others), max_size=1)) if others else ():
                fields[f"to{home}"] = other
            directives = dict.fromkeys(shared, SHARED)
            entities[home].append(Entity(name, {**fields, **shared}, directives=directives))
    return tuple(Part(f"p{number}", tuple(found)) for number, found in enumerate(entities))


def composed(parts: tuple[Part, ...]) -> CompositionResult:
    return compose([part.subgraph() for part in parts])


def with_first(
    parts: tuple[Part, ...], number: int, change: Callable[[Entity], Entity]
) -> tuple[Part, ...]:
    """The set with the first entity of one subgraph changed."""
    part = parts[number]
    changed = replace(part, entities=(change(part.entities[0]), *part.entities[1:]))
    return (*parts[:number], changed, *parts[number + 1 :])


def with_field(entity: Entity, name: str, type_: str, directives: str = "") -> Entity:
    return replace(
        entity,
        fields={**entity.fields, name: type_},
        directives={**entity.directives, name: directives},
    )


def in_both(
    parts: tuple[Part, ...], first: tuple[str, str], second: tuple[str, str]
) -> tuple[Part, ...]:
    """The field `x` in the first entity of the first two subgraphs, as (type, directives)."""
    parts = with_first(parts, 0, lambda entity: with_field(entity, "x", *first))
    return with_first(parts, 1, lambda entity: with_field(entity, "x", *second))


FAULTS: dict[str, Callable[[tuple[Part, ...]], tuple[Part, ...]]] = {
    "INVALID_FIELD_SHARING": lambda parts: in_both(parts, ("Int", ""), ("Int", SHARED)),
    "FIELD_TYPE_MISMATCH": lambda parts: in_both(parts, ("Int", SHARED), ("String", SHARED)),
    "EXTERNAL_UNUSED": lambda parts: in_both(parts, ("Int", " @external"), ("Int", "")),
    "EXTERNAL_MISSING_ON_BASE": lambda parts: with_first(
        parts,
        0,
        lambda e: with_field(
            with_field(e, "x", "Int", " @external"), "y", "Int", ' @requires(fields: "x")'
        ),
    ),
    "EXTERNAL_TYPE_MISMATCH": lambda parts: with_first(
        in_both(parts, ("Int", " @external"), ("String", "")),
        0,
        lambda e: with_field(e, "y", "Int", ' @requires(fields: "x")'),
    ),
    "KEY_INVALID_FIELDS": lambda parts: with_first(parts, 0, lambda e: replace(e, key="id nope")),
    "REQUIRES_INVALID_FIELDS": lambda parts: with_first(
        parts, 0, lambda e: with_field(e, "x", "Int", ' @requires(fields: "nope")')
    ),
    "OVERRIDE_FROM_SELF_ERROR": lambda parts: with_first(
        parts, 0, lambda e: with_field(e, "x", "Int", ' @override(from: "p0")')
    ),
    "INVALID_GRAPHQL": lambda parts: with_first(parts, 0, lambda e: with_field(e, "x", "Nowhere")),
    "SATISFIABILITY_ERROR": lambda parts: with_first(
        parts,
        1,
        lambda e: replace(with_field(with_field(e, "x", "Int"), "id", "ID!", SHARED), key=None),
    ),
}


@examples(50)
@given(sound_parts())
def test_a_sound_set_composes_to_a_supergraph_that_can_be_read(parts: tuple[Part, ...]) -> None:
    result = composed(parts)
    assert result.errors == ()
    assert result.supergraph_sdl is not None
    state = parse_supergraph(result.supergraph_sdl)
    api = build_api_schema(state)
    for part in parts:
        for entity in part.entities:
            merged = api.type_map[entity.name]
            assert isinstance(merged, GraphQLObjectType)
            assert entity.fields.keys() <= merged.fields.keys()
    build_schema(result.supergraph_sdl, assume_valid_sdl=True)


@examples(50)
@given(sound_parts(), st.randoms(use_true_random=False))
def test_the_order_of_subgraphs_changes_nothing(parts: tuple[Part, ...], random: Random) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)
    assert composed(tuple(shuffled)) == composed(parts)


@pytest.mark.parametrize("code", FAULTS)
@examples(20)
@given(parts=sound_parts())
def test_a_fault_has_its_code_and_names_its_subgraph(code: str, parts: tuple[Part, ...]) -> None:
    result = composed(FAULTS[code](parts))
    assert result.supergraph_sdl is None
    assert {error.code for error in result.errors} == {code}
    assert all("p0" in error.subgraphs or "p1" in error.subgraphs for error in result.errors)
