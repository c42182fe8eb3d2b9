"""INVALID_LINK_DIRECTIVE_USAGE."""

from tests.composition.kit import check_composition, fed1


def test_unknown_import_says_since_when_it_exists() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.0",
  import: ["@interfaceObject"])
type Query { a: Int }"""),
        },
        errors=["INVALID_LINK_DIRECTIVE_USAGE"],
        says=["v2.3"],
    )


def test_specification_linked_twice() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.0")
  @link(url: "https://specs.apollo.dev/federation/v2.1", as: "f")
type Query { a: Int }"""),
        },
        errors=["INVALID_LINK_DIRECTIVE_USAGE"],
        says=["twice"],
    )


def test_directive_renamed_to_a_type() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.0",
  import: [{name: "@key", as: "key"}])
type Query { a: Int }"""),
        },
        errors=["INVALID_LINK_DIRECTIVE_USAGE"],
        says=['"@"'],
    )


def test_a_specification_that_federation_has_itself() -> None:
    check_composition(
        {
            "a": fed1("""extend schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2")
type Query { a: Int }"""),
        },
        errors=["INVALID_LINK_DIRECTIVE_USAGE"],
        says=['import "@inaccessible" from it'],
        at=[("a", 3, 3)],
    )
