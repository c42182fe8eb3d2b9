"""What later stages and clients rely on in a document that our own parser read."""

from typing import Any

import pytest

from supergraph.config.gateway import CacheConfig, LimitConfig
from supergraph.errors import ClientError
from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import Planner
from supergraph.stages.document import validate_document
from supergraph.stages.operation import choose_operation
from supergraph.stages.request import GraphQLRequest
from supergraph.stages.supergraph import Supergraph
from tests.server.shop import SUPERGRAPH


def test_errors_about_values_of_variables_say_where_the_variable_is_defined() -> None:
    target = Supergraph(Planner(parse_supergraph(SUPERGRAPH)), {}, CacheConfig())
    variables: dict[str, Any] = {"with": 1}
    request = GraphQLRequest(
        "query ($with: Boolean!,\n  $without: Boolean!) {\n"
        "  products { id @include(if: $with) name @skip(if: $without) } }",
        variables,
    )
    document = validate_document(request, target, LimitConfig(), introspection=True)
    with pytest.raises(ClientError) as refused:
        choose_operation(request, document, target.api_schema, introspection=True)

    assert [error["locations"] for error in refused.value.errors] == [
        [{"line": 1, "column": 8}],
        [{"line": 2, "column": 3}],
    ]


@pytest.mark.parametrize("introspection", [True, False])
def test_introspection_is_answered_or_refused_as_configured(*, introspection: bool) -> None:
    target = Supergraph(Planner(parse_supergraph(SUPERGRAPH)), {}, CacheConfig())
    request = GraphQLRequest("{ products { id } __schema { queryType { name } } }")
    code = None
    try:
        validate_document(request, target, LimitConfig(), introspection=introspection)
    except ClientError as error:
        code = error.code.name

    assert code == (None if introspection else "INTROSPECTION_DISABLED")
