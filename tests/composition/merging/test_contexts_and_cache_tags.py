"""What `@context`, `@fromContext` and `@cacheTag` become in the supergraph."""

from tests.composition.kit import check_composition, type_of


def test_a_context_is_named_after_its_subgraph_and_its_argument_is_hidden() -> None:
    result = check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { u: U name: String! }
            type U @key(fields: "id") {
              id: ID!
              f(a: String @fromContext(field: "$c { name }"), b: Int): Int
            }
            """,
        },
    )
    assert '@context(name: "a__c")' in type_of(result, "T")
    assert "f(b: Int): Int" in type_of(result, "U")
    assert (
        'contextArguments: [{context: "a__c", name: "a", type: "String", selection: " { name }"}]'
    ) in type_of(result, "U")
    assert result.supergraph_sdl is not None
    assert '/context/v0.1", for: SECURITY' in result.supergraph_sdl


def test_a_cache_tag_is_carried_with_the_subgraphs_that_say_it() -> None:
    result = check_composition(
        {
            "a": """
            type Query { t: T }
            type T @key(fields: "id") @cacheTag(format: "t-{$key.id}") { id: ID! }
            """,
            "b": """
            type T @key(fields: "id") @cacheTag(format: "t-{$key.id}") { id: ID! x: Int }
            """,
        },
        version=12,
    )
    assert (
        '@join__directive(graphs: [A, B], name: "federation__cacheTag", '
        'args: {format: "t-{$key.id}"})'
    ) in type_of(result, "T")
    assert result.supergraph_sdl is not None
    assert '/cacheTag/v0.1", for: EXECUTION' in result.supergraph_sdl


def test_an_argument_that_clients_may_give_elsewhere_is_left_out() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T }
            type T @context(name: "c") { u: U name: String! }
            type U @key(fields: "id") {
              id: ID!
              f(a: String @fromContext(field: "$c { name }")): Int @shareable
            }
            """,
            "b": """
            type U @key(fields: "id") { id: ID! f(a: String): Int @shareable }
            """,
        },
        hints=["CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"],
    )


def test_a_context_must_be_set_above_the_field_that_reads_it() -> None:
    check_composition(
        {
            "a": """
            type Query { t: T u: U }
            type T @context(name: "c") { u: U name: String! }
            type U @key(fields: "id") {
              id: ID!
              f(a: String @fromContext(field: "$c { name }")): Int
            }
            """,
        },
        errors=["SATISFIABILITY_ERROR"],
        says=['"U.f"', "not set on every way"],
        at=[("a", 5, 3)],
    )
