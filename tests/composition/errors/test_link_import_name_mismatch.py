"""LINK_IMPORT_NAME_MISMATCH."""

from tests.composition.kit import check_composition, fed1


def test_tag_under_two_names() -> None:
    check_composition(
        {
            "a": 'type Query { a: Int @tag(name: "x") }',
            "b": fed1("""extend schema
  @link(
    url: "https://specs.apollo.dev/federation/v2.3"
    import: [{ name: "@tag", as: "@label" }]
  )
type Query { b: Int @label(name: "x") }"""),
        },
        errors=["LINK_IMPORT_NAME_MISMATCH"],
        says=['"@label" in b'],
    )
