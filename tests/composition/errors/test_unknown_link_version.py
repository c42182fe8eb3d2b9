"""UNKNOWN_LINK_VERSION."""

from tests.composition.kit import check_composition, fed1


def test_future_version_of_tag() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/tag/v9.0")
type Query { a: Int }"""),
        },
        errors=["UNKNOWN_LINK_VERSION"],
        says=["v0.3"],
    )
