"""Admit: JSON that claims to be a GraphQL request becomes a `GraphQLRequest`, or is refused.

https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.stages.request import GraphQLRequest

__all__ = ["json_from_bytes", "request_from_body", "request_from_json"]


class _Parameters(
    msgspec.Struct,
    gc=False,
    rename={"operation_name": "operationName", "document_id": "documentId"},
):
    """A request in which every parameter is of its type."""

    query: str = ""
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None


_decoder = msgspec.json.Decoder(_Parameters)


def request_from_body(body: bytes, headers: Mapping[str, str], request_id: str) -> GraphQLRequest:
    """The request in a JSON body; raises `ClientError` when there is none."""
    try:
        given = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        given = None
    if given is None or not given.query:  # wrong, and the slow way says in which words
        return request_from_json(json_from_bytes(body), headers, request_id=request_id)
    return GraphQLRequest(
        given.query,
        given.variables or {},
        given.operation_name or None,
        given.extensions or {},
        headers,
        False,
        request_id,
        given.document_id or None,
    )


def json_from_bytes(body: bytes | str, what: str = "The request body") -> Any:
    """Decode JSON; integers of any size survive. Raises `ClientError` naming `what`."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise _refusal(f"{what} is not valid JSON: {error}") from error
    except UnicodeError as error:
        raise _refusal(f"{what} is not UTF-8 text") from error
    except RecursionError as error:
        raise _refusal(f"{what} is nested too deeply") from error


def request_from_json(
    value: Any, headers: Mapping[str, str], *, read_only: bool = False, request_id: str = ""
) -> GraphQLRequest:
    """Check the parameters' types; what the query says is for the stages that follow."""
    if isinstance(value, list):
        raise ClientError(codes.BATCHING_NOT_ENABLED, codes.BATCHING_NOT_ENABLED.meaning)
    if not isinstance(value, dict):
        raise _refusal("A GraphQL request is a JSON object")
    extensions = _object(value, "extensions")
    document_id = value.get("documentId")
    if document_id is not None and not isinstance(document_id, str):
        raise _refusal("'documentId' is not a string")
    query = value.get("query")
    if not query and not document_id and "persistedQuery" not in extensions:
        raise ClientError(codes.MISSING_QUERY_STRING, "The request has no query")
    if not isinstance(query, str | None):
        raise _refusal("'query' is not a string")
    operation_name = value.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _refusal("'operationName' is not a string")
    return GraphQLRequest(
        query=query or "",
        variables=_object(value, "variables"),
        # Several clients send "" for an operation without a name.
        operation_name=operation_name or None,
        extensions=extensions,
        headers=headers,
        read_only=read_only,
        id=request_id,
        document_id=document_id or None,
    )


def _object(parameters: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = parameters.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _refusal(f"'{name}' is not an object")
    return value


def _refusal(message: str) -> ClientError:
    return ClientError(codes.INVALID_GRAPHQL_REQUEST, message)
