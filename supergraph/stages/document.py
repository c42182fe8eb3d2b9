"""Document: a text becomes a `ValidatedDocument`, or is refused with coded, located errors.

The document is read and validated by our own code, which answers only "certainly valid". Where it
cannot, graphql-core does both again, and words the errors.

Both outcomes are kept by exact text: a client that repeats a broken document is refused without
being validated again.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.validation import NoSchemaIntrospectionCustomRule

from supergraph.config.gateway import LimitConfig
from supergraph.document.fallback import rules_in_doubt
from supergraph.document.parse import parse_document
from supergraph.document.validate import is_certainly_valid
from supergraph.error_codes import runtime as codes
from supergraph.error_codes.registry import ErrorCode
from supergraph.errors import ClientError
from supergraph.stages.limits import check_limits
from supergraph.stages.request import GraphQLRequest, ValidatedDocument
from supergraph.stages.supergraph import Supergraph

__all__ = ["coded", "validate_document"]

MESSAGE_LENGTH_MAX = 1_000


def validate_document(
    request: GraphQLRequest, supergraph: Supergraph, limits: LimitConfig, *, introspection: bool
) -> ValidatedDocument:
    """The request's document, from the cache when its text was seen before."""
    text = request.query
    known = supergraph.documents.get(text)
    if known is None:
        try:
            known = _validated(text, supergraph, limits, introspection)
        except ClientError as error:
            # Kept without its traceback, which would keep the frames of the parser alive.
            known = error.with_traceback(None)
            known.__cause__ = known.__context__ = None
        supergraph.documents.put(text, known, weight=len(text))
    if isinstance(known, ClientError):
        raise ClientError(known.code, known.message, known.errors)
    return known


def coded(errors: Sequence[GraphQLError], code: ErrorCode) -> list[dict[str, Any]]:
    """GraphQL errors as they are sent, with a code."""
    answers = []
    for error in errors:
        formatted: dict[str, Any] = dict(error.formatted)
        formatted["message"] = _shortened(error.message)
        formatted["extensions"] = {**formatted.get("extensions", {}), "code": code.name}
        answers.append(formatted)
    return answers


def _shortened(message: str) -> str:
    """Messages quote the document; the answer must not grow with it."""
    if len(message) <= MESSAGE_LENGTH_MAX:
        return message
    return message[: MESSAGE_LENGTH_MAX - 1] + "…"


def _validated(
    text: str, supergraph: Supergraph, limits: LimitConfig, introspection: bool
) -> ValidatedDocument:
    _check_size(text, limits)
    with _coded_syntax_errors():
        document = parse_document(text, limits.tokens)
        known = document or _parse_in_doubt(text, limits)
    check_limits(known, limits)
    if document is None or not is_certainly_valid(document, supergraph.schema_tables):
        # Errors point at places in the text, which only graphql-core's own nodes know.
        located = known if document is None else _parse_in_doubt(text, limits)
        _check_validity(located, supergraph, limits, introspection)
    operations = tuple(
        node for node in known.definitions if isinstance(node, OperationDefinitionNode)
    )
    return ValidatedDocument(text, known, operations)


def _check_size(text: str, limits: LimitConfig) -> None:
    # A code point takes at most four bytes of UTF-8: count bytes only where it can matter.
    if len(text) * 4 > limits.document_bytes and _utf8_length(text) > limits.document_bytes:
        raise ClientError(
            codes.DOCUMENT_TOO_LARGE,
            f"The document's text is longer than {limits.document_bytes} bytes",
        )


def _utf8_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _parse_in_doubt(text: str, limits: LimitConfig) -> DocumentNode:
    return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)


@contextmanager
def _coded_syntax_errors() -> Generator[None]:
    try:
        yield
    except GraphQLSyntaxError as error:
        code = _syntax_code(error.message)
        raise ClientError(code, error.message, coded([error], code)) from error


def _syntax_code(message: str) -> ErrorCode:
    """The parser says by its message only that a limit of ours ended it."""
    if "nested too deeply" in message:
        return codes.MAX_DEPTH_LIMIT
    if message.endswith("Parsing aborted."):
        return codes.MAX_TOKENS_LIMIT
    return codes.GRAPHQL_PARSE_FAILED


def _check_validity(
    document: DocumentNode, supergraph: Supergraph, limits: LimitConfig, introspection: bool
) -> None:
    schema = supergraph.api_schema
    # With introspection off a "did you mean" would give the schema away name by name.
    try:
        errors = validate(
            schema,
            document,
            rules_in_doubt(document, supergraph.schema_tables),
            max_errors=limits.validation_errors,
            hide_suggestions=not introspection,
        )
    except GraphQLError as error:
        # The rule of subscriptions raises what is wrong with the arguments of a `@defer`.
        errors = [error.with_traceback(None)]
    code = codes.GRAPHQL_VALIDATION_FAILED
    if not errors and not introspection:
        errors = validate(schema, document, [NoSchemaIntrospectionCustomRule], max_errors=1)
        code = codes.INTROSPECTION_DISABLED
    if errors:
        raise ClientError(code, errors[0].message, coded(errors, code))
