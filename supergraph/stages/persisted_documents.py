"""Persisted documents: a client names a document, and its text takes the place of the name.

Automatic persisted queries (https://www.apollographql.com/docs/apollo-server/performance/apq) are
registered by clients, by the SHA-256 of the text; trusted documents are deployed, and may be all
that is answered. A document is named by `extensions.persistedQuery.sha256Hash`, or by `documentId`
(https://github.com/graphql/graphql-over-http, appendix on persisted documents), with or without
the prefix "sha256:".
"""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from supergraph.config.gateway import PersistedDocumentConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.persisted.manifest import read_manifests
from supergraph.persisted.texts import MemoryTexts, RedisTexts, Texts
from supergraph.stages.request import GraphQLRequest
from supergraph.telemetry.logs import logger

__all__ = ["PersistedDocuments"]

HASH_PREFIX = "sha256:"
HASH_CHARACTERS = 64
#: Of a trusted document's id; longer ones are not looked for.
ID_CHARACTERS_MAX = 256
PERSISTED_QUERY_VERSION = 1

log = logger(__name__)


class PersistedDocuments:
    """What the configuration says of documents by name.

    Raises `SupergraphError` when the trusted documents cannot be read.
    """

    def __init__(self, config: PersistedDocumentConfig) -> None:
        trusted = config.trusted
        self._mode = trusted.mode if trusted.folder else "off"
        self._requires_id = trusted.require_id
        self._trusted = {}
        if trusted.folder and self._mode != "off":
            self._trusted = dict(read_manifests(Path(trusted.folder)))
        self._known_texts = frozenset(self._trusted.values())
        # What clients register themselves is nothing that a team has looked at.
        automatic = config.automatic
        self._texts: Texts | None = None
        if automatic.enabled and self._mode != "enforce":
            own = MemoryTexts(automatic.entries, automatic.characters)
            self._texts = own
            if automatic.redis_url:
                self._texts = RedisTexts(automatic.redis_url, own, seconds=automatic.redis_seconds)

    def __repr__(self) -> str:
        return f"<PersistedDocuments {self._mode}, {len(self._trusted)} trusted>"

    def concerns(self, request: GraphQLRequest) -> bool:
        """Whether the request needs `resolve`: most do not, and should pay nothing."""
        return (
            not request.query
            or request.document_id is not None
            or "persistedQuery" in request.extensions
            or self._mode != "off"
        )

    async def resolve(self, request: GraphQLRequest) -> GraphQLRequest:
        """The request with its text; raises `ClientError` where it may not be answered."""
        id_ = _id_of(request)
        if id_ is not None and (trusted := self._trusted.get(id_)) is not None:
            if request.query and request.query != trusted:
                raise _mismatch()
            return replace(request, query=trusted)
        if self._mode == "enforce":
            return self._enforced(request, id_)
        if id_ is not None:
            request = await self._automatic(request, id_)
        if not request.query:
            raise ClientError(codes.MISSING_QUERY_STRING, "The request has no query")
        if self._mode == "log" and request.query not in self._known_texts:
            log.warning(
                "untrusted_document",
                operation=request.operation_name,
                sha256=_hash(request.query),
                client=request.headers.get("apollographql-client-name"),
            )
        return request

    async def close(self) -> None:
        """Release connections."""
        if self._texts is not None:
            await self._texts.close()

    def _enforced(self, request: GraphQLRequest, id_: str | None) -> GraphQLRequest:
        if not request.query:
            if id_ is None:
                raise ClientError(codes.MISSING_QUERY_STRING, "The request has no query")
            shown = id_[:ID_CHARACTERS_MAX]
            raise ClientError(
                codes.PERSISTED_QUERY_NOT_IN_LIST,
                f"Persisted query '{shown}' not found in the persisted query list",
            )
        if self._requires_id:
            raise ClientError(
                codes.PERSISTED_QUERY_ID_REQUIRED,
                "The gateway answers documents by their id only; freeform ones are not allowed",
            )
        if request.query not in self._known_texts:
            raise ClientError(
                codes.QUERY_NOT_IN_SAFELIST, "The document is not one that the gateway trusts"
            )
        return request

    async def _automatic(self, request: GraphQLRequest, hash_: str) -> GraphQLRequest:
        if self._texts is None:
            if request.query:
                return request
            raise ClientError(codes.PERSISTED_QUERY_NOT_SUPPORTED, "PersistedQueryNotSupported")
        if request.query:
            if _hash(request.query) != hash_:
                raise _mismatch()
            await self._texts.put(hash_, request.query)
            return request
        text = await self._texts.get(hash_) if len(hash_) == HASH_CHARACTERS else None
        if text is None:
            raise ClientError(codes.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
        return replace(request, query=text)


def _id_of(request: GraphQLRequest) -> str | None:
    """How the request names its document; raises `ClientError` for a name of another form."""
    if request.document_id is not None:
        return request.document_id.removeprefix(HASH_PREFIX)
    given: Any = request.extensions.get("persistedQuery")
    if given is None:
        return None
    hash_ = given.get("sha256Hash") if isinstance(given, dict) else None
    if not isinstance(hash_, str) or given.get("version") != PERSISTED_QUERY_VERSION:
        raise ClientError(
            codes.INVALID_GRAPHQL_REQUEST,
            "'extensions.persistedQuery' has not the form {version: 1, sha256Hash: ...}",
        )
    return hash_.lower()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _mismatch() -> ClientError:
    return ClientError(codes.PERSISTED_QUERY_HASH_MISMATCH, "provided sha does not match query")
