"""Read a subgraph's answer and check its outer shape.

What is inside `data` is not judged here: completion does that, field by field, where the client's
schema needs it.
"""

from typing import Any

import msgspec

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.failure import failure
from supergraph.traffic.transport import SubgraphReply

__all__ = ["decode_json", "read_reply", "reply_from_json"]

#: What is said of an error without a message.
UNKNOWN_ERROR = "The subgraph reported an error."

_decode = msgspec.json.Decoder().decode


def read_reply(body: bytes, status: int, service_name: SubgraphName) -> SubgraphReply:
    """The GraphQL result in an HTTP answer.

    A result counts whatever the status is: GraphQL over HTTP sends request errors with 4xx. Any
    other answer is an error that names the status.
    """
    try:
        answer = decode_json(body, service_name)
        return reply_from_json(answer, service_name)
    except SubgraphError:
        if 200 <= status < 300:
            raise
        what = f"answered with HTTP status {status}"
        raise failure(service_name, codes.SUBGRAPH_HTTP_ERROR, what) from None


def decode_json(body: bytes, service_name: SubgraphName) -> Any:
    """Decode JSON, keeping integers of any size; raises SUBGRAPH_MALFORMED_RESPONSE."""
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(service_name, "is not JSON") from error


def reply_from_json(answer: Any, service_name: SubgraphName) -> SubgraphReply:
    """Check that a JSON value is a GraphQL result (https://spec.graphql.org/draft/#sec-Response)."""
    if answer.__class__ is dict and len(answer) == 1:
        data = answer.get("data")
        if data.__class__ is dict:  # nearly every answer
            return SubgraphReply(data)
    if not isinstance(answer, dict) or not ("data" in answer or "errors" in answer):
        raise _malformed(service_name, "is not a GraphQL result")
    data = answer.get("data")
    errors = answer.get("errors") or []
    if not (data is None or isinstance(data, dict)) or not isinstance(errors, list):
        raise _malformed(service_name, "is not a GraphQL result")
    if data is None and not errors:
        raise _malformed(service_name, "has no data and does not say why")
    extensions = answer.get("extensions")
    return SubgraphReply(
        data=data,
        errors=tuple(map(_error, errors)),
        extensions=extensions if isinstance(extensions, dict) else None,
    )


def _error(entry: Any) -> dict[str, Any]:
    """An error in the specification's form: a subgraph that breaks it still says what went wrong.

    https://spec.graphql.org/draft/#sec-Errors
    """
    if not isinstance(entry, dict):
        return {"message": entry if isinstance(entry, str) else UNKNOWN_ERROR}
    error: dict[str, Any] = dict(entry)
    if not isinstance(error.get("message"), str):
        error["message"] = UNKNOWN_ERROR
    if not _is_path(error.get("path")):
        error.pop("path", None)
    extensions = error.get("extensions")
    if isinstance(extensions, dict) and not isinstance(extensions.get("code"), str):
        error["extensions"] = {name: extensions[name] for name in extensions if name != "code"}
    return error


def _is_path(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str | int) and not isinstance(item, bool) for item in value
    )


def _malformed(service_name: SubgraphName, why: str) -> SubgraphError:
    return SubgraphError(
        codes.SUBGRAPH_MALFORMED_RESPONSE,
        f'The answer of subgraph "{service_name}" {why}.',
        service_name,
    )
