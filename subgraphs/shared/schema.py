"""The schema of a service: Strawberry's federation schema with our limits and error handling."""

from collections.abc import Sequence
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter, QueryDepthLimiter
from strawberry.federation.schema import FederationAny
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, Info

from subgraphs.shared.errors import ErrorCode, ServiceError, bad_input
from subgraphs.shared.known_documents import KnownDocuments, RememberDocuments
from subgraphs.shared.masking import MaskUnexpectedErrors, log_unexpected

__all__ = ["ServiceSchema", "create_service_schema"]

#: The gateway writes the documents, from its planner; the limits stop whoever comes past it.
DOCUMENT_TOKENS_MAX = 5000
QUERY_DEPTH_MAX = 20
#: Entities in one `_entities` request: a page of 100 with 100 each, as the largest page allows.
REPRESENTATIONS_MAX = 10_000
#: Arguments that Strawberry itself passes to `resolve_reference`, beside a representation's fields.
_RESOLVER_ARGUMENTS = frozenset({"cls", "info"})


class ServiceSchema(strawberry.federation.Schema):
    """Refuses representations it cannot read, and logs only what is our fault."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log unexpected errors; a client's mistake is not worth a traceback."""
        name = execution_context.operation_name if execution_context else None
        log_unexpected(errors, name)

    def entities_resolver(
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        """Answer `_entities`, once every representation is known to be one of ours."""
        if len(representations) > REPRESENTATIONS_MAX:
            raise bad_input(f"_entities takes at most {REPRESENTATIONS_MAX} representations")
        for representation in representations:
            self._check_representation(representation)
        # Strawberry takes `__typename` out of each record, and they may be a client's variables.
        copies: Any = [dict(r) for r in representations]  # type: ignore[call-overload]
        return super().entities_resolver(info, copies)

    def _check_representation(self, representation: object) -> None:
        name = representation.get("__typename") if isinstance(representation, dict) else None
        known = self.schema_converter.type_map.get(name) if isinstance(name, str) else None
        origin = getattr(getattr(known, "definition", None), "origin", None)
        if not isinstance(representation, dict) or not hasattr(origin, "resolve_reference"):
            message = "A representation must be an object whose __typename is an entity here."
            raise ServiceError(ErrorCode.INVALID_REPRESENTATION, message)
        if not _RESOLVER_ARGUMENTS.isdisjoint(representation):
            raise ServiceError(ErrorCode.INVALID_REPRESENTATION, "A field has no usable name.")


def create_service_schema(
    query: type,
    mutation: type | None = None,
    subscription: type | None = None,
    types: Sequence[type] = (),
) -> ServiceSchema:
    """The schema of a service, from its root types and those reachable only as entities."""
    known = KnownDocuments()
    return ServiceSchema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        types=types,
        federation_version="2.9",
        config=StrawberryConfig(sort_schema=False),
        extensions=[
            lambda: RememberDocuments(known),
            lambda: MaxTokensLimiter(max_token_count=DOCUMENT_TOKENS_MAX),
            lambda: QueryDepthLimiter(max_depth=QUERY_DEPTH_MAX),
            MaskUnexpectedErrors,
        ],
    )
