"""A subgraph as a schema object, executed by graphql-core or by its own library."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import lru_cache, partial
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    execute,
    parse,
    subscribe,
    validate,
)

from supergraph.error_codes import runtime as codes
from supergraph.errors import SubgraphError
from supergraph.names import SubgraphName
from supergraph.telemetry.logs import logger
from supergraph.traffic.failure import failure
from supergraph.traffic.payload import refuse_files
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest

__all__ = ["SchemaTransport"]

log = logger(__name__)

#: Parsed and validated documents kept per subgraph: a gateway sends few different ones.
DOCUMENTS_MAX = 512


class SchemaTransport:
    """Executes on a schema.

    A `GraphQLSchema` is run by graphql-core with `{"headers": ...}` as its context. An object with
    `execute` and `subscribe` of its own (a Strawberry schema) is called by those, so that its
    extensions take part.
    """

    def __init__(self, name: SubgraphName, schema: Any, settings: TransportSettings) -> None:
        self._name = name
        self._schema = schema
        self._settings = settings
        self._is_core = isinstance(schema, GraphQLSchema)
        self._execute = partial(execute, schema) if self._is_core else schema.execute
        self._subscribe = partial(subscribe, schema) if self._is_core else schema.subscribe
        self._document = lru_cache(maxsize=DOCUMENTS_MAX)(self._read_document)

    async def start(self) -> None:
        """A schema needs no opening."""

    async def close(self) -> None:
        """A schema holds nothing open."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        """Execute a query or mutation."""
        if not request.is_safe_to_repeat:
            refuse_files(request, self._name)
        seconds = min(request.timeout_seconds, self._settings.request_timeout_seconds)
        try:
            async with asyncio.timeout(seconds):
                return _reply(await self._run(self._execute, request))
        except TimeoutError as error:
            raise failure(self._name, codes.SUBGRAPH_TIMEOUT, "did not answer in time") from error
        except GraphQLError as error:
            return SubgraphReply(None, (dict(error.formatted),))
        except Exception as error:
            log.exception("subgraph_schema_raised", subgraph=self._name)
            raise failure(self._name, codes.SUBGRAPH_UNREACHABLE, "failed to answer") from error

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        """Yield the results of a subscription."""
        refuse_files(request, self._name)
        try:
            results = await self._run(self._subscribe, request)
        except GraphQLError as error:
            yield SubgraphReply(None, (dict(error.formatted),))
            return
        if not hasattr(results, "__aiter__"):
            yield _reply(results)
            return
        try:
            async with aclosing(results):
                async for result in results:
                    yield _reply(result)
        except GraphQLError as error:
            yield SubgraphReply(None, (dict(error.formatted),))
        except Exception as error:
            log.exception("subgraph_stream_raised", subgraph=self._name)
            raise SubgraphError(
                codes.SUBGRAPH_SUBSCRIPTION_FAILED,
                f'The subscription at subgraph "{self._name}" was lost.',
                self._name,
            ) from error

    async def _run(self, run: Callable[..., Any], request: SubgraphRequest) -> Any:
        result = run(
            self._document(request.query) if self._is_core else request.query,
            variable_values=dict(request.variables),
            context_value={"headers": dict(request.headers)},
            operation_name=request.operation_name,
        )
        return await result if hasattr(result, "__await__") else result

    def _read_document(self, text: str) -> DocumentNode:
        document = parse(text)
        for error in validate(self._schema, document):
            raise error
        return document


def _reply(result: Any) -> SubgraphReply:
    return SubgraphReply(
        data=result.data,
        errors=tuple(dict(error.formatted) for error in result.errors or ()),
        extensions=getattr(result, "extensions", None),
    )
