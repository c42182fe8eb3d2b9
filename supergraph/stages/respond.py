"""Respond: results and failures become the bytes that clients read."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import orjson

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.executor.execute import ExecutionResult

__all__ = ["TOO_DEEP", "encode", "encode_errors", "encode_result", "errors_of", "result_payload"]

_ENCODER = msgspec.json.Encoder()

MASKED_MESSAGE = "Internal server error"
#: The error of a value that was read and cannot be written.
TOO_DEEP = {
    "message": "A subgraph's value is nested too deeply to be written.",
    "extensions": {"code": codes.INVALID_SUBGRAPH_VALUE.name},
}


def result_payload(result: ExecutionResult) -> dict[str, Any]:
    """An execution's result in the response format; errors first, so that nobody overlooks them.

    https://spec.graphql.org/draft/#sec-Response-Format
    """
    return _payload(result, result.data)


def encode_result(result: ExecutionResult) -> bytes:
    """An execution's result as JSON.

    A custom scalar may be nested as deeply as could just be read; writing it may not be possible.
    """
    try:
        return _encoded(result)
    except RecursionError:
        return encode({"errors": [*result.errors, TOO_DEEP], "data": None})


def encode_errors(errors: Iterable[Mapping[str, Any]]) -> bytes:
    """A request that was not executed: errors, and no `data` at all."""
    return encode({"errors": list(errors)})


def errors_of(error: Exception) -> tuple[Mapping[str, Any], ...]:
    """The GraphQL errors a client sees of an exception.

    Only a `ClientError` is told in full; everything else is ours and says no more than its code.
    """
    if isinstance(error, ClientError):
        return error.errors
    code = error.code if isinstance(error, SupergraphError) else codes.INTERNAL
    return ({"message": MASKED_MESSAGE, "extensions": {"code": code.name}},)


def encode(payload: Any) -> bytes:
    """JSON bytes. Integers of any size survive, as custom scalars like BigInt need them to."""
    try:
        return orjson.dumps(payload)
    except TypeError:
        # orjson refuses integers over 64 bits and lone surrogates; both are legal in JSON.
        return json.dumps(payload, separators=(",", ":")).encode("ascii")


def _encoded(result: ExecutionResult) -> bytes:
    if result.shaped is None:
        return encode(result_payload(result))
    try:
        return _ENCODER.encode(_payload(result, result.shaped))
    except UnicodeEncodeError:  # a lone surrogate, which only an escape can express
        return encode(result_payload(result))


def _payload(result: ExecutionResult, data: Any) -> dict[str, Any]:
    payload: dict[str, Any] = {"errors": result.errors} if result.errors else {}
    payload["data"] = data
    if result.extensions:
        payload["extensions"] = result.extensions
    return payload
