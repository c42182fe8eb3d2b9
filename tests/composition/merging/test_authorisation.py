"""What authorisation directives become when several subgraphs and interfaces meet."""

from tests.composition.kit import check_composition, type_of


def test_demands_of_several_subgraphs_all_hold() -> None:
    result = check_composition(
        {
            "a": 'type Query { v: Int @shareable @requiresScopes(scopes: [["a"], ["b"]]) }',
            "b": 'type Query { v: Int @shareable @requiresScopes(scopes: [["a"], ["c"]]) }',
        },
        hints=["MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS"],
    )
    assert '@requiresScopes(scopes: [["a"], ["b", "c"]])' in type_of(result, "Query")


def test_an_interface_asks_for_what_its_implementations_ask_for() -> None:
    result = check_composition(
        {
            "a": """
            type Query { i: I }
            interface I { x: Int }
            type A implements I @policy(policies: [["a"]]) { x: Int @authenticated }
            type B implements I @policy(policies: [["b"]]) { x: Int }
            """
        }
    )
    interface = type_of(result, "I")
    assert '@policy(policies: [["a", "b"]])' in interface
    assert "x: Int @authenticated" in interface


def test_cost_is_the_highest() -> None:
    result = check_composition(
        {
            "a": "type Query { v: Int @shareable @cost(weight: 2) }",
            "b": "type Query { v: Int @shareable @cost(weight: 7) }",
        }
    )
    assert "@cost(weight: 7)" in type_of(result, "Query")
