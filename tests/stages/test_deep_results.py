"""Results that are nested more deeply than can be written are still coded answers."""

import json

import pytest

from supergraph.executor.execute import ExecutionResult
from supergraph.stages.respond import encode_result


@pytest.mark.parametrize("levels", [10, 300, 100_000])
def test_a_result_nested_too_deeply_is_a_coded_error(levels: int) -> None:
    deep: object = 1
    for _ in range(levels):
        deep = [deep]
    told = {"message": "told before", "extensions": {"code": "X"}}
    answer = json.loads(encode_result(ExecutionResult({"deep": deep}, [told])))
    if levels < 1_000:
        assert answer == {"errors": [told], "data": {"deep": deep}}
    else:
        assert answer["data"] is None
        assert answer["errors"][0] == told
        assert answer["errors"][1]["extensions"] == {"code": "INVALID_SUBGRAPH_VALUE"}
    while isinstance(deep, list):
        [deep] = deep
