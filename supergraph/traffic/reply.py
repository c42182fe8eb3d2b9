"""Read a subgraph's answer and check its outer shape.

What is inside `data` is not judged here: completion does that, field by field, where the client's
schema needs it.
"""

from typing import Any

import msgspec

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.traffic.transport import SubgraphReply

__all__ = ["decode_json", "read_reply", "reply_from_json"]


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
        raise SubgraphError(
            codes.SUBGRAPH_HTTP_ERROR,
            f'Subgraph "{service_name}" answered with HTTP status {status}.',
            service_name,
        ) from None


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
    extensions = answer.get("extensions")
    return SubgraphReply(
        data=data,
        errors=tuple(map(_error, errors)),
        extensions=extensions if isinstance(extensions, dict) else None,
    )


def _error(entry: Any) -> dict[str, Any]:
    if isinstance(entry, dict) and isinstance(entry.get("message"), str):
        return entry
    # A subgraph that breaks the format of errors still says that something went wrong.
    return {"message": entry if isinstance(entry, str) else "The subgraph reported an error."}


def _malformed(service_name: SubgraphName, why: str) -> SubgraphError:
    return SubgraphError(
        codes.SUBGRAPH_MALFORMED_RESPONSE,
        f'The answer of subgraph "{service_name}" {why}.',
        service_name,
    )
