"""A supergraph may link only what the gateway enforces."""

import pytest

from supergraph.errors import SupergraphError
from supergraph.federation.sdl.parse import parse_sdl
from supergraph.federation.supported_features import check_supported


def document(*links: str) -> str:
    return f"schema {' '.join(links)} {{ query: Query }}"


@pytest.mark.parametrize(
    "link",
    [
        '@link(url: "https://specs.apollo.dev/link/v1.0")',
        '@link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)',
        '@core(feature: "https://specs.apollo.dev/join/v0.1", for: EXECUTION)',
        '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)',
        '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)',
        '@link(url: "https://specs.apollo.dev/tag/v0.3")',
        '@link(url: "https://example.com/anything/v9.9")',
    ],
)
def test_links_that_are_kept_or_only_describe_are_accepted(link: str) -> None:
    check_supported(parse_sdl(document(link)))


@pytest.mark.parametrize(
    "link",
    [
        '@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)',
        '@link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)',
        '@link(url: "https://specs.apollo.dev/context/v0.2", for: SECURITY)',
        '@link(url: "https://specs.apollo.dev/join/v0.6", for: EXECUTION)',
        '@link(url: "https://example.com/rules/v0.1", for: SECURITY)',
    ],
)
def test_a_link_that_would_be_ignored_is_refused(link: str) -> None:
    with pytest.raises(SupergraphError) as caught:
        check_supported(parse_sdl(document(link)))
    assert caught.value.code.name == "UNSUPPORTED_LINKED_FEATURE"
