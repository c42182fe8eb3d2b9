"""DIRECTIVE_COMPOSITION_ERROR."""

from tests.composition.kit import check_composition, fed1


def test_not_defined() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.1",
  import: ["@composeDirective"])
  @composeDirective(name: "@mine")
type Query { a: Int }"""),
        },
        errors=["DIRECTIVE_COMPOSITION_ERROR"],
        says=["not defined"],
    )


def test_no_at_sign() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.1",
  import: ["@composeDirective"])
  @composeDirective(name: "mine")
type Query { a: Int }"""),
        },
        errors=["DIRECTIVE_COMPOSITION_ERROR"],
        says=["no directive name"],
    )


def test_no_link_says_where_it_is_from() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.1",
  import: ["@composeDirective"])
  @composeDirective(name: "@mine")
directive @mine on FIELD_DEFINITION
type Query { a: Int }"""),
        },
        errors=["DIRECTIVE_COMPOSITION_ERROR"],
        says=["@link"],
    )


def test_two_specifications() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.1",
  import: ["@composeDirective"])
  @link(url: "https://a.example/x/v1.0",
  import: ["@mine"])
  @composeDirective(name: "@mine")
directive @mine on FIELD_DEFINITION
type Query { a: Int }"""),
            "b": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.1",
  import: ["@composeDirective"])
  @link(url: "https://a.example/y/v1.0",
  import: ["@mine"])
  @composeDirective(name: "@mine")
directive @mine on FIELD_DEFINITION
type Query { b: Int }"""),
        },
        errors=["DIRECTIVE_COMPOSITION_ERROR"],
        says=["different specifications"],
    )


def test_two_major_versions() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.1",
  import: ["@composeDirective"])
  @link(url: "https://a.example/x/v1.0",
  import: ["@mine"])
  @composeDirective(name: "@mine")
directive @mine on FIELD_DEFINITION
type Query { a: Int }"""),
            "b": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.1",
  import: ["@composeDirective"])
  @link(url: "https://a.example/x/v2.0",
  import: ["@mine"])
  @composeDirective(name: "@mine")
directive @mine on FIELD_DEFINITION
type Query { b: Int }"""),
        },
        errors=["DIRECTIVE_COMPOSITION_ERROR"],
        says=["major versions"],
    )
