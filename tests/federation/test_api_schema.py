"""What is hidden stays hidden, whatever the directive is called."""

import pytest
from graphql import print_schema

from supergraph.federation.api_schema import build_api_schema
from supergraph.federation.supergraph_state import parse_supergraph

SPEC = "https://specs.apollo.dev/inaccessible/v0.2"


@pytest.mark.parametrize(
    ("link", "directive"),
    [
        (f'@link(url: "{SPEC}", for: SECURITY)', "inaccessible"),
        (f'@link(url: "{SPEC}", as: "hidden", for: SECURITY)', "hidden"),
        (
            f'@link(url: "{SPEC}", import: [{{name: "@inaccessible", as: "@gone"}}])',
            "gone",
        ),
    ],
)
def test_inaccessible_hides_under_any_name(link: str, directive: str) -> None:
    supergraph = f"""
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
      {link}
    {{ query: Query }}
    directive @greet(loud: Boolean, secret: Int @{directive}) on FIELD
    enum join__Graph {{ A @join__graph(name: "a", url: "") }}
    type Query @join__type(graph: A) {{
      open(secret: Int @{directive}): Color
      secret: Secret @{directive}
    }}
    type Secret @join__type(graph: A) @{directive} {{ id: ID }}
    enum Color @join__type(graph: A) {{ RED SECRET @{directive} }}
    """
    printed = print_schema(build_api_schema(parse_supergraph(supergraph)))
    assert "secret" not in printed.lower()
    assert "directive @greet(loud: Boolean) on FIELD" in printed
