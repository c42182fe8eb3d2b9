"""Every operation that users are shown is valid against the supergraph."""

import pytest
from graphql import GraphQLSchema, parse, validate

from subgraphs.demo.operations import OPERATIONS, read_operation
from supergraph.config.gateway import load_gateway_config
from supergraph.federation.api_schema import build_api_schema
from supergraph.federation.supergraph_state import parse_supergraph
from tests.kit.servers import REPOSITORY


@pytest.fixture(scope="module")
def api_schema() -> GraphQLSchema:
    sdl = (REPOSITORY / "schema" / "supergraph.graphql").read_text()
    return build_api_schema(parse_supergraph(sdl))


@pytest.mark.parametrize("name", sorted(path.stem for path in OPERATIONS.glob("*.graphql")))
def test_operation_of_the_demo_is_valid(name: str, api_schema: GraphQLSchema) -> None:
    assert validate(api_schema, parse(read_operation(name))) == []


@pytest.mark.parametrize("file", ["gateway.yaml", "gateway.stack.yaml"])
def test_graphiql_opens_with_valid_operations(file: str, api_schema: GraphQLSchema) -> None:
    document = load_gateway_config(REPOSITORY / file, {}).graphiql.default_query

    assert validate(api_schema, parse(document)) == []
    assert document.startswith(read_operation("overview"))
