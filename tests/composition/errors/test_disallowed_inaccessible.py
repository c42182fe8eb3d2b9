"""DISALLOWED_INACCESSIBLE."""

from tests.composition.kit import check_composition, fed1


def test_argument_of_a_directive_for_schemas() -> None:
    check_composition(
        {
            "a": fed1("""extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3",
  import: ["@composeDirective", "@inaccessible"])
  @link(url: "https://a.example/mine/v1.0", import: ["@mine"])
  @composeDirective(name: "@mine")
directive @mine(x: Int @inaccessible) on FIELD_DEFINITION
type Query { a: Int @mine }"""),
        },
        errors=["DISALLOWED_INACCESSIBLE"],
        says=["@mine(x:)"],
        at=[("a", 6, 17)],
    )
