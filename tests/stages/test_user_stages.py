"""Stages of a user's own, by the types they are annotated with."""

from dataclasses import replace

import pytest

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.executor.execute import ExecutionResult
from supergraph.stages.request import GraphQLRequest, Operation, PreparedOperation
from supergraph.stages.user_stages import import_stage
from tests.server.shop import gateway


async def require_tenant(request: GraphQLRequest) -> GraphQLRequest:
    if "x-tenant" not in request.headers:
        raise ClientError(codes.BAD_USER_INPUT, "The header X-Tenant is missing")
    return request


async def one_product_only(operation: Operation) -> Operation:
    return replace(operation, variables=operation.variables | {"first": 1})


async def refuse_mutations(prepared: PreparedOperation) -> PreparedOperation:
    if prepared.kind == "mutation":
        raise ClientError(codes.BAD_USER_INPUT, "Read only")
    return prepared


async def count_fields(prepared: PreparedOperation, result: ExecutionResult) -> ExecutionResult:
    assert prepared.kind == "query"
    return result.with_data({**(result.data or {}), "fields": len(result.data or {})})


QUERY = "query Q($first: Int!) { products(first: $first) { id } }"


async def test_stage_on_the_request_can_refuse_it() -> None:
    async with gateway(stages=[require_tenant]) as shop:
        refused = await shop.execute("{ __typename }")
        passed = await shop.execute("{ __typename }", headers={"X-Tenant": "a"})

    assert refused.errors[0]["message"] == "The header X-Tenant is missing"
    assert passed.data == {"__typename": "Query"}


async def test_stage_on_the_operation_can_change_variables() -> None:
    async with gateway(stages=[one_product_only]) as shop:
        result = await shop.execute(QUERY, {"first": 2})

    assert result.data == {"products": [{"id": "1"}]}


async def test_stages_on_plan_and_result_run_in_their_places() -> None:
    async with gateway(stages=[count_fields, refuse_mutations]) as shop:
        query = await shop.execute("{ a: __typename b: __typename }")
        mutation = await shop.execute('mutation { rename(id: 1, name: "x") { id } }')

    assert query.data == {"a": "Query", "b": "Query", "fields": 2}
    assert mutation.errors[0]["message"] == "Read only"


def test_function_of_another_form_is_refused() -> None:
    async def wrong(text: str) -> str:
        return text

    def not_async(request: GraphQLRequest) -> GraphQLRequest:
        return request

    for function in (wrong, not_async):
        with pytest.raises(TypeError, match="is not a stage"):
            gateway(stages=[function])  # type: ignore[list-item]


def test_stage_is_imported_by_name() -> None:
    assert import_stage("tests.stages.test_user_stages:require_tenant").__name__ == "require_tenant"
    for name in ("nowhere:stage", "supergraph:nothing", "supergraph", "supergraph:__version__"):
        with pytest.raises(SupergraphError, match="stage"):
            import_stage(name)
