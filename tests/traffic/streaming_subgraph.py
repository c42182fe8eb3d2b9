"""A Strawberry subgraph that speaks every subscription protocol Strawberry has."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import strawberry
from strawberry.asgi import GraphQL
from strawberry.types import Info

__all__ = ["Watch", "subgraph"]

PROTOCOLS = ("graphql-transport-ws", "graphql-sse", "multipart-subscription")


class Watch:
    """What the subgraph did, seen from outside of its event loop."""

    def __init__(self) -> None:
        self.running = 0
        self.produced = 0
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hello"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, info: Info, to: int) -> AsyncGenerator[int, None]:
        watch = _watch(info)
        watch.headers.append(dict(info.context["request"].headers))
        watch.running += 1
        try:
            for number in range(to):
                yield number
        finally:
            watch.running -= 1

    @strawberry.subscription
    async def pages(self, info: Info, count: int) -> AsyncGenerator[str, None]:
        watch = _watch(info)
        for _ in range(count):
            watch.produced += 1
            yield "x" * 4_000

    @strawberry.subscription
    async def forever(self, info: Info) -> AsyncGenerator[int, None]:
        watch = _watch(info)
        watch.running += 1
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            watch.running -= 1

    @strawberry.subscription
    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise ValueError("broken on purpose")


def _watch(info: Info) -> Watch:
    watch: Watch = info.context["request"].app_watch
    return watch


class _App(GraphQL[Any, Any]):
    def __init__(self, watch: Watch) -> None:
        schema = strawberry.Schema(Query, subscription=Subscription)
        super().__init__(schema, subscription_protocols=PROTOCOLS)
        self._seen = watch

    async def get_context(self, request: Any, response: Any) -> Any:
        request.app_watch = self._seen
        self._seen.paths.append(request.url.path)
        return {"request": request, "response": response}


def subgraph(watch: Watch) -> GraphQL[Any, Any]:
    """The subgraph as an ASGI app; it answers at any path."""
    return _App(watch)
