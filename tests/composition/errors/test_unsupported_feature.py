"""UNSUPPORTED_FEATURE."""

from tests.composition.kit import check_composition, fed1


def test_core_documents() -> None:
    check_composition(
        {
            "a": fed1("""schema @core(feature: "https://specs.apollo.dev/core/v0.1") {
  query: Query
}
type Query { a: Int }"""),
        },
        errors=["UNSUPPORTED_FEATURE"],
        says=["@link"],
    )


def test_connectors() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/connect/v0.1")
type Query { a: Int }"""),
        },
        errors=["UNSUPPORTED_FEATURE"],
        says=["connectors"],
    )
