"""Generated code does what the general modules do, and holds nothing of what was sent to us."""

import gc
import weakref
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    parse,
)
from hypothesis import given
from hypothesis import strategies as st

from supergraph.executor.codegen import source
from supergraph.executor.codegen.gather import LOOPS_MAX, generate_gather
from supergraph.executor.codegen.projection import (
    FastProjection,
    UnusualError,
    generate_projection,
)
from supergraph.executor.compiled import compiled_plan
from supergraph.executor.entity_table import Batch, EntityTable
from supergraph.executor.errors import ErrorList
from supergraph.executor.gather import Gather, gathering
from supergraph.executor.projection import compile_projection
from supergraph.executor.result import ExecutionResult
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.names import TypeName
from supergraph.planner.plan_nodes import (
    EntityFragment,
    EntityGroup,
    ItemSegment,
    KeySegment,
    RequiredField,
    RequiredFragment,
    TypeSegment,
)
from supergraph.planner.planner import Planner
from tests.kit.check_plan import compose_supergraph
from tests.kit.examples import examples

SDL = """
type Query {
  book: Book  books: [Book!]  grid: [[Int!]]!  any: Media  all: [Media]!  named: Named
  flag: Boolean!
}
scalar Blob
enum Colour { RED GREEN BLUE @inaccessible }
interface Named { name: String! }
union Media = Book | Film
type Book implements Named {
  id: ID! name: String! pages: Int weight: Float colour: Colour blob: Blob solid: Blob!
  author: Author
}
type Film implements Named { name: String! minutes: Int! book: Book }
type Author { name: String books: [Book]! tags: [String!] }
"""
QUERIES = [
    "{ book { id name pages weight colour blob author { name tags } } }",
    "{ books { pages author { books { solid id } } } grid flag }",
    "{ any { __typename ... on Book { id } ... on Film { minutes book { weight } } } }",
    "{ all { ... on Named { name } ... on Book { kind: __typename colour } } }",
    "{ named { name ... on Film { minutes } } __typename flag }",
    """query ($a: Boolean!, $b: Boolean!) {
      book @include(if: $a) { id @skip(if: $b) name colour @include(if: $b) author { name } }
      books { id } all { ... on Book @skip(if: $a) { id } ... on Film @include(if: $a) { minutes } }
    }""",
]
PLANNER = Planner(parse_supergraph(compose_supergraph({"media": SDL})))

LEAVES = {"Int": 3, "Float": 1.5, "String": "s", "ID": "i", "Boolean": True, "Colour": "GREEN"}
odd_values = st.sampled_from(
    [None, True, 0, -1, 2**40, 2**70, 1.5, "", "RED", "BLUE", "\ud800", [], {}, ["x"], [None]]
)
names = st.sampled_from(["Book", "Film", "Author", "Named", "", None, 7, ["Book"]])


@st.composite
def values_of(draw: st.DrawFn, type_: Any, depth: int = 0) -> Any:
    """Mostly what the type says, now and then anything."""
    if draw(st.integers(0, 24)) == 0:
        return draw(odd_values)
    if isinstance(type_, GraphQLNonNull):
        return draw(values_of(type_.of_type, depth))
    if draw(st.integers(0, 9)) == 0:
        return None
    if isinstance(type_, GraphQLList):
        return [draw(values_of(type_.of_type, depth)) for _ in range(draw(st.integers(0, 2)))]
    if isinstance(type_, GraphQLEnumType | GraphQLScalarType):
        return LEAVES.get(type_.name, draw(odd_values))
    return draw(objects_of(type_, depth))


@st.composite
def objects_of(draw: st.DrawFn, type_: Any, depth: int) -> dict[str, Any]:
    possible = [type_]
    if not isinstance(type_, GraphQLObjectType):
        possible = PLANNER.api_schema.get_possible_types(type_)
    concrete = draw(st.sampled_from(possible))
    typename = draw(names) if draw(st.integers(0, 19)) == 0 else concrete.name
    found: dict[str, Any] = {"__typename": typename}
    if depth < 4:
        for name, field in concrete.fields.items():
            if draw(st.integers(0, 19)):
                found[name] = draw(values_of(field.type, depth + 1))
    return found


@cache
def projections(query: str) -> tuple[FastProjection, Any]:
    operation = PLANNER.plan(parse(query), None).operation
    schema = PLANNER.api_schema
    fast = generate_projection(schema, operation.root_type, operation.selections)
    assert fast is not None
    return fast, compile_projection(schema, operation.root_type, operation.selections)


@pytest.mark.parametrize("query", QUERIES)
@examples(50)
@given(data=values_of(PLANNER.api_schema.query_type), a=st.booleans(), b=st.booleans())
def test_projection_is_the_general_one_or_gives_up(query: str, data: Any, a: bool, b: bool) -> None:
    if not isinstance(data, dict):
        return
    variables = {"a": a, "b": b}
    fast, general = projections(query)
    errors = ErrorList()
    expected = general.project(data, variables, errors)
    try:
        found = ExecutionResult(None, shaped=fast(data, variables)).data
    except UnusualError:
        return
    assert errors.errors == []
    assert repr(found) == repr(expected)  # as text, in which 1, 1.0 and true differ


@pytest.mark.parametrize("query", QUERIES)
def test_generated_projection_takes_what_nothing_is_wrong_with(query: str) -> None:
    author = {"name": None, "tags": ["t"], "books": [None]}
    book = {
        "__typename": "Book", "id": 7, "kind": "Book", "name": "b", "pages": None, "weight": 2,
        "colour": "RED", "blob": {"any": 1}, "solid": [1], "author": author,
    }  # fmt: skip
    film = {"__typename": "Film", "name": "f", "minutes": 90, "book": book}
    data = {
        "book": book, "books": [book], "grid": [[1], None], "any": film, "all": [book, None, film],
        "named": film, "flag": False,
    }  # fmt: skip
    for flag in (True, False):
        variables = {"a": flag, "b": flag}
        fast, general = projections(query)
        found = ExecutionResult(None, shaped=fast(data, variables)).data
        assert repr(found) == repr(general.project(data, variables, ErrorList()))


json_values = st.recursive(
    odd_values,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "id", "org"]), inner, max_size=4).flatmap(
            lambda value: names.map(lambda name: {**value, "__typename": name})
        )
    ),
    max_leaves=25,
)
BOTH = frozenset({TypeName("Book"), TypeName("Film")})
paths = st.lists(
    st.sampled_from(
        [
            KeySegment("a"),
            KeySegment("b"),
            ItemSegment(),
            TypeSegment(frozenset({TypeName("Book")})),
            TypeSegment(BOTH),
        ]
    ),
    max_size=4,
).map(tuple)
required = st.lists(
    st.sampled_from(
        [
            RequiredField("id", "id"),
            RequiredField("key", "a"),
            RequiredField("org", "org", (RequiredField("id", "id"),)),
            RequiredFragment(TypeName("Book"), frozenset({TypeName("Book")}), ()),
        ]
    ),
    max_size=3,
    unique=True,
).map(tuple)
fragments = st.builds(
    EntityFragment,
    type_condition=st.just(TypeName("Named")),
    type_names=st.sampled_from([frozenset({TypeName("Book")}), BOTH]),
    selections=required,
    is_interface=st.booleans(),
)
groups = st.builds(
    EntityGroup,
    alias=st.just("_entities"),
    variable=st.just("representations"),
    paths=st.lists(paths, min_size=1, max_size=3, unique=True).map(tuple),
    requires=st.lists(fragments, min_size=1, max_size=2).map(tuple),
    selection=st.just("x"),
)


def gathered(gather: Gather, data: dict[str, Any], count: int) -> list[list[tuple[int, str]]]:
    """For each group, the objects found and what would be asked for each."""
    batches = [Batch(EntityTable()) for _ in range(count)]
    gather(data, batches)
    found = []
    for batch in batches:
        table = batch.table
        assert len(table.numbers) == len(table.representations)
        texts = [repr(item) for item in table.representations]
        assert len(set(texts)) == len(texts), "nothing is asked for twice"
        found.append(
            sorted(
                (id(target), texts[number])
                for target, number in zip(batch.targets, batch.numbers, strict=True)
            )
        )
    return found


@examples(300)
@given(
    data=st.dictionaries(st.sampled_from(["a", "b"]), json_values),
    groups=st.lists(groups, min_size=1, max_size=2),
)
def test_gathering_finds_the_same_objects_and_representations(
    data: dict[str, Any], groups: Sequence[EntityGroup]
) -> None:
    generated = generate_gather(groups)
    assert generated is not None
    expected = gathered(gathering(groups), data, len(groups))
    assert gathered(generated, data, len(groups)) == expected


def test_paths_with_more_lists_than_python_nests_are_gathered_in_the_general_way() -> None:
    requires = (EntityFragment(TypeName("Book"), BOTH, (RequiredField("id", "id"),)),)

    def group(lists: int) -> EntityGroup:
        path = (KeySegment("a"), *(ItemSegment(),) * lists)
        return EntityGroup("_entities", "representations", (path,), requires, "x")

    assert generate_gather([group(LOOPS_MAX)]) is not None
    assert generate_gather([group(LOOPS_MAX + 1)]) is None


def test_generated_source_holds_no_text_of_client_or_subgraph(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts: list[str] = []
    monkeypatch.setattr(source, "_FACTORIES", _Recorder(texts))
    projections.__wrapped__(QUERIES[2])
    generate_gather(
        [
            EntityGroup(
                "_entities",
                "representations",
                ((KeySegment("clientKey"), ItemSegment(), TypeSegment(BOTH)),),
                (EntityFragment(TypeName("Book"), BOTH, (RequiredField("name", "renamed"),)),),
                "x",
            )
        ]
    )
    assert len(texts) == 2
    for word in ("clientKey", "Book", "Film", "renamed", "minutes", "weight", "any", "__typename"):
        assert not any(f'"{word}"' in text or f"'{word}'" in text for text in texts)
        assert not any(f" {word}" in text for text in texts)


class _Recorder:
    """In place of the cache: remembers what would be compiled."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts

    def get(self, text: str) -> None:
        self._texts.append(text)

    def put(self, *_: object, weight: int) -> None:
        """Keep nothing."""


def test_plans_of_one_shape_compile_once() -> None:
    projections("{ any { ... on Book { first: id } } }")
    misses = source._FACTORIES.misses
    projections("{ any { ... on Book { second: name } } }")
    projections("{ any { ... on Book { third: id } } }")
    assert source._FACTORIES.misses <= misses + 1


def test_code_goes_with_its_plan() -> None:
    plan = PLANNER.plan(parse(QUERIES[5]), None)
    compiled = compiled_plan(plan)
    compiled.generate()
    alive = weakref.ref(compiled)
    del plan, compiled
    gc.collect()
    assert alive() is None
