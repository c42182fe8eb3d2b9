"""graphql-core as the judge: what clients got before the gateway validated by itself."""

from typing import Any

from graphql import (
    GraphQLSchema,
    GraphQLSyntaxError,
    build_schema,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import NoSchemaIntrospectionCustomRule

from supergraph.cache.lru import LruCache
from supergraph.config.gateway import LimitConfig
from supergraph.document.parse import parse_document
from supergraph.document.tables import SchemaTables
from supergraph.document.validate import is_certainly_valid
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.stages.document import coded, validate_document
from supergraph.stages.request import GraphQLRequest
from tests.document.pets import PETS

#: So wide that the errors come from syntax and validation alone.
LIMITS = LimitConfig(
    fields=100_000, depth=1_000, aliases=10_000, root_fields=10_000, validation_errors=100
)


class SchemaAlone:
    """As much of a supergraph as the document stage looks at."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.api_schema = schema
        self.schema_tables = SchemaTables(schema)
        self.documents: LruCache[str, Any] = LruCache(1, 1_000_000)


PETS_ONLY = SchemaAlone(build_schema(PETS))


def is_certain(text: str, target: SchemaAlone = PETS_ONLY) -> bool:
    """Whether the document never meets graphql-core."""
    document = parse_document(text, LIMITS.tokens)
    return document is not None and is_certainly_valid(document, target.schema_tables)


def gateway_errors(
    text: str, *, introspection: bool = True, target: SchemaAlone = PETS_ONLY
) -> list[dict[str, Any]]:
    """The errors a client gets."""
    target.documents = LruCache(1, 1_000_000)  # the answer depends on what is asked here too
    try:
        validate_document(GraphQLRequest(text), target, LIMITS, introspection=introspection)
    except ClientError as error:
        return list(error.errors)
    return []


def reference_errors(
    text: str, *, introspection: bool = True, target: SchemaAlone = PETS_ONLY
) -> list[dict[str, Any]]:
    """The errors that graphql-core finds."""
    try:
        document = parse(text, max_lexical_tokens=LIMITS.tokens, max_comments=LIMITS.tokens)
    except GraphQLSyntaxError as error:
        return _with_code([error], "GRAPHQL_PARSE_FAILED")
    schema = target.api_schema
    errors = validate(
        schema, document, specified_rules, LIMITS.validation_errors, not introspection
    )
    if errors or introspection:
        return _with_code(errors, "GRAPHQL_VALIDATION_FAILED")
    errors = validate(schema, document, [NoSchemaIntrospectionCustomRule], 1)
    return _with_code(errors, "INTROSPECTION_DISABLED")


def _with_code(errors: list[Any], name: str) -> list[dict[str, Any]]:
    return coded(errors, getattr(codes, name))
