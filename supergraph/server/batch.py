"""Batches: several GraphQL requests in one HTTP request, answered by as many results in one array.

Queries run side by side; where one of the requests is a mutation, all run in their order. What is
wrong with one of them is its own result.
"""

import asyncio
from typing import Any

from supergraph.config.gateway import BatchingConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError, SupergraphError
from supergraph.server.answer import Answer
from supergraph.server.client_headers import ClientHeaders
from supergraph.server.exchange import Exchange
from supergraph.server.failures import failure_of
from supergraph.server.negotiation import GRAPHQL_RESPONSE, JSON, Accepted
from supergraph.stages.admit import json_from_bytes, request_from_json
from supergraph.stages.pipeline import RequestPipeline
from supergraph.stages.request import PreparedOperation
from supergraph.stages.respond import encode_errors, encode_result

__all__ = ["Batch", "is_batch"]


class Batch:
    """Answers arrays of requests, where that is switched on."""

    def __init__(self, pipeline: RequestPipeline, config: BatchingConfig) -> None:
        self._pipeline = pipeline
        self._config = config

    async def answer(
        self, body: bytes, headers: ClientHeaders, accepted: Accepted, exchange: Exchange
    ) -> Answer:
        """The results in the order of the requests; raises `ClientError` for no batch at all."""
        if not self._config.enabled:
            code = codes.BATCHING_NOT_ENABLED
            raise ClientError(code, code.meaning)
        if accepted.single is None:
            message = f"A batch is answered as {JSON} or {GRAPHQL_RESPONSE} only"
            raise ClientError(codes.INVALID_ACCEPT_HEADER, message)
        values = self._values(body)
        exchange.said["batch"] = len(values)
        prepared = [await self._prepare(value, headers, exchange) for value in values]
        if any(map(_is_mutation, prepared)):
            results = [await self._result(item) for item in prepared]
        else:
            results = await asyncio.gather(*map(self._result, prepared))
        return Answer(b"[" + b",".join(results) + b"]", accepted.single)

    def _values(self, body: bytes) -> list[Any]:
        values = json_from_bytes(body)
        if not isinstance(values, list) or not values:
            raise ClientError(codes.INVALID_GRAPHQL_REQUEST, "The batch has no requests")
        most = self._config.requests_max
        if len(values) > most:
            message = f"The batch has {len(values)} requests, and may have {most}"
            raise ClientError(codes.BATCH_LIMIT_EXCEEDED, message)
        return values

    async def _prepare(
        self, value: Any, headers: ClientHeaders, exchange: Exchange
    ) -> PreparedOperation | SupergraphError:
        try:
            request = request_from_json(value, headers, request_id=exchange.id)
            return await self._pipeline.prepare(request)
        except SupergraphError as error:
            return error

    async def _result(self, prepared: PreparedOperation | SupergraphError) -> bytes:
        if isinstance(prepared, SupergraphError):
            return encode_errors(failure_of(prepared))
        try:
            return encode_result(await self._pipeline.execute(prepared))
        except SupergraphError as error:
            return encode_errors(failure_of(error))


def is_batch(body: bytes) -> bool:
    """Whether the body is an array, if it is JSON at all."""
    return body[:1] != b"{" and body.lstrip()[:1] == b"["


def _is_mutation(prepared: PreparedOperation | SupergraphError) -> bool:
    return isinstance(prepared, PreparedOperation) and prepared.kind == "mutation"
