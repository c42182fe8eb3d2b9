"""From results to bytes."""

import json

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, GatewayError
from supergraph.executor.execute import ExecutionResult
from supergraph.stages.respond import encode, encode_result, errors_of


def test_errors_stand_before_data() -> None:
    result = ExecutionResult({"a": None}, [{"message": "no", "path": ["a"]}])

    assert encode_result(result) == b'{"errors":[{"message":"no","path":["a"]}],"data":{"a":null}}'


def test_what_orjson_refuses_is_encoded_all_the_same() -> None:
    value = {"big": 2**80, "negative": -(2**80), "surrogate": "\ud800", "text": "é"}

    assert json.loads(encode(value)) == value


def test_only_client_errors_are_told_in_full() -> None:
    client = ClientError(codes.BAD_USER_INPUT, "Say more")
    ours = GatewayError(codes.QUERY_PLANNING_FAILED, "internals")

    assert errors_of(client)[0]["message"] == "Say more"
    for error, code in ((ours, "QUERY_PLANNING_FAILED"), (ValueError("secret"), "INTERNAL")):
        assert errors_of(error) == (
            {"message": "Internal server error", "extensions": {"code": code}},
        )
