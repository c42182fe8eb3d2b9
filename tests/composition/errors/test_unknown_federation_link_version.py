"""UNKNOWN_FEDERATION_LINK_VERSION."""

from tests.composition.kit import check_composition, fed1


def test_future_version() -> None:
    check_composition(
        {
            "a": fed1("""extend schema @link(url: "https://specs.apollo.dev/federation/v2.99")
type Query { a: Int }"""),
        },
        errors=["UNKNOWN_FEDERATION_LINK_VERSION"],
        says=["v2.99", "v2.13"],
    )
