"""Which directives of the subgraphs' own reach the supergraph."""

from tests.composition.kit import check_composition, fed1, type_of


def composing(version: str, sdl: str) -> str:
    return fed1(
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.1", '
        'import: ["@composeDirective"])\n'
        f'  @link(url: "https://a.example/mine/{version}", import: ["@mine"])\n'
        f'  @composeDirective(name: "@mine")\n{sdl}'
    )


def test_composed_directive_is_linked_defined_and_applied() -> None:
    result = check_composition(
        {
            "a": composing(
                "v1.0", "directive @mine(n: Int) on FIELD_DEFINITION\ntype Query { a: Int @mine }"
            ),
            "b": composing(
                "v1.2",
                "directive @mine(n: Int, m: Int) on FIELD_DEFINITION\n"
                "type Query { b: Int @mine(n: 2) }",
            ),
        }
    )
    assert result.supergraph_sdl is not None
    assert '@link(url: "https://a.example/mine/v1.2", import: ["@mine"])' in result.supergraph_sdl
    assert "directive @mine(n: Int, m: Int) on FIELD_DEFINITION" in result.supergraph_sdl
    assert "b: Int @mine(n: 2)" in type_of(result, "Query")


def test_directive_that_is_not_composed_is_left_out() -> None:
    result = check_composition(
        {"a": "directive @mine on FIELD_DEFINITION\ntype Query { a: Int @mine }"}
    )
    assert result.supergraph_sdl is not None
    assert "@mine" not in result.supergraph_sdl


def test_executable_directive_is_kept_where_all_subgraphs_define_it() -> None:
    definition = "directive @live(x: Int) on QUERY | FIELD\n"
    result = check_composition(
        {
            "a": definition + "type Query { a: Int }",
            "b": "directive @live(x: Int) on FIELD\ntype Query { b: Int }",
        },
        hints=["INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS"],
    )
    assert result.supergraph_sdl is not None
    assert "directive @live(x: Int) on FIELD\n" in result.supergraph_sdl
    missing = check_composition(
        {"a": definition + "type Query { a: Int }", "b": "type Query { b: Int }"},
        hints=["INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE"],
    )
    assert missing.supergraph_sdl is not None
    assert "@live" not in missing.supergraph_sdl


def test_a_hidden_argument_of_an_executable_directive_stays_hidden() -> None:
    result = check_composition(
        {
            "a": """
            directive @mine(a: Int, b: Int @inaccessible) on FIELD
            type Query { a: Int }
            """,
        },
    )
    assert result.supergraph_sdl is not None
    assert "directive @mine(a: Int, b: Int @inaccessible) on FIELD" in result.supergraph_sdl
    assert "/inaccessible/v0.2" in result.supergraph_sdl
