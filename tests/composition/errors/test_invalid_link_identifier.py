"""INVALID_LINK_IDENTIFIER."""

from tests.composition.kit import check_composition, fed1


def test_url_without_version() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://example.com/spec")
type Query { a: Int }"""),
        },
        errors=["INVALID_LINK_IDENTIFIER"],
        says=["version"],
        at=[("a", 1, 15)],
    )


def test_url_without_path() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://example.com/")
type Query { a: Int }"""),
        },
        errors=["INVALID_LINK_IDENTIFIER"],
        says=["no path"],
    )
