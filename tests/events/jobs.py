"""A supergraph whose `job` is served from events: `jobs` owns it, `names` adds to it."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import strawberry
from starlette.types import ASGIApp
from strawberry.asgi import GraphQL

from broadcasting import Broadcast
from supergraph import Gateway, Subgraph, compose
from supergraph.config.gateway import EventConfig, GatewayConfig, HeaderConfig

EVENTS = "https://specs.supergraph.example/events/v0.1"
ARGUMENTS = (
    'channel: "job:{id}", message: "id done percent owner { id } ... on Print { pages }", '
    'snapshot: "job", sequence: "percent", final: "done"'
)
JOBS = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@composeDirective"])
  @link(url: "%(events)s", import: ["@eventStream"])
  @composeDirective(name: "@eventStream")

directive @eventStream(
  channel: String!, message: String!, snapshot: String, sequence: String, final: String
  source: String
) on FIELD_DEFINITION

type Query { job(id: ID!): Job  other: Int }
type Subscription {
  job(id: ID!): Job! @eventStream(%(arguments)s)
  plain: Int!
}
interface Job { id: ID! done: Boolean! percent: Int! owner: Owner! comment: String }
type Print implements Job @key(fields: "id") {
  id: ID! done: Boolean! percent: Int! owner: Owner! comment: String pages: Int!
}
type Owner @key(fields: "id") { id: ID! }
"""
NAMES = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Owner @key(fields: "id") { id: ID! name: String! }
type Print @key(fields: "id") { id: ID! title: String! }
"""


def supergraph_sdl(arguments: str = ARGUMENTS) -> str:
    jobs = JOBS % {"arguments": arguments, "events": EVENTS}
    result = compose([Subgraph("jobs", jobs, "http://j"), Subgraph("names", NAMES, "http://n")])
    assert result.supergraph_sdl, [str(error) for error in result.errors]
    return result.supergraph_sdl


@dataclass
class Jobs:
    """What the subgraph knows, and what it was asked."""

    percent: dict[str, int] = field(default_factory=lambda: {"1": 0, "2": 0})
    snapshots: int = 0
    subscriptions: int = 0
    refused: str = "stranger"

    def message(self, id_: str, percent: int, **changes: Any) -> str:
        """What is published of a job."""
        return json.dumps(
            {
                "__typename": "Print",
                "id": id_,
                "done": percent == 100,
                "percent": percent,
                "owner": {"id": "o1"},
                "pages": 7,
            }
            | changes
        )

    async def announce(self, broadcast: Broadcast, id_: str, percent: int) -> None:
        self.percent[id_] = percent
        await broadcast.publish(f"job:{id_}", self.message(id_, percent))


def jobs_app(jobs: Jobs) -> ASGIApp:
    @strawberry.federation.type(keys=["id"])
    class Owner:
        id: strawberry.ID

    @strawberry.interface
    class Job:
        id: strawberry.ID
        done: bool
        percent: int
        owner: Owner
        comment: str | None

    @strawberry.federation.type(keys=["id"])
    class Print(Job):
        pages: int

        @classmethod
        def resolve_reference(cls, id: strawberry.ID) -> "Print | None":  # noqa: A002 # its name in GraphQL
            return print_of(id)

    def print_of(id_: str) -> Print | None:
        percent = jobs.percent.get(id_)
        if percent is None:
            return None
        return Print(
            id=strawberry.ID(id_),
            done=percent == 100,
            percent=percent,
            owner=Owner(id=strawberry.ID("o1")),
            comment=f"at {percent}",
            pages=7,
        )

    @strawberry.type
    class Query:
        other: int = 1

        @strawberry.field
        def job(self, info: strawberry.Info, id: strawberry.ID) -> Job | None:  # noqa: A002 # its name in GraphQL
            jobs.snapshots += 1
            if info.context["request"].headers.get("authorization") == jobs.refused:
                return None
            return print_of(id)

    @strawberry.type
    class Subscription:
        @strawberry.subscription
        async def job(self, id: strawberry.ID) -> AsyncGenerator[Job, None]:  # noqa: A002 # its name in GraphQL
            jobs.subscriptions += 1
            if (found := print_of(id)) is not None:
                yield found

        @strawberry.subscription
        async def plain(self) -> AsyncGenerator[int, None]:
            yield 1

    schema = strawberry.federation.Schema(query=Query, subscription=Subscription, types=[Print])
    app: ASGIApp = GraphQL(schema)
    return app


def names_app() -> ASGIApp:
    @strawberry.federation.type(keys=["id"])
    class Owner:
        id: strawberry.ID

        @strawberry.field
        def name(self) -> str:
            return f"owner {self.id}"

        @classmethod
        def resolve_reference(cls, id: strawberry.ID) -> "Owner":  # noqa: A002 # its name in GraphQL
            return cls(id=id)

    @strawberry.federation.type(keys=["id"])
    class Print:
        id: strawberry.ID

        @strawberry.field
        def title(self) -> str:
            return f"title {self.id}"

        @classmethod
        def resolve_reference(cls, id: strawberry.ID) -> "Print":  # noqa: A002 # its name in GraphQL
            return cls(id=id)

    @strawberry.type
    class Query:
        unused: int = 1

    schema = strawberry.federation.Schema(query=Query, types=[Owner, Print])
    app: ASGIApp = GraphQL(schema)
    return app


class Publisher:
    """The broadcast that `gateway(...)` names by an import string."""

    current: Broadcast | None = None


def broadcast() -> Broadcast | None:
    return Publisher.current


def gateway(
    jobs: Jobs,
    *,
    redis_url: str | None = None,
    arguments: str = ARGUMENTS,
    events: bool = True,
    **config: Any,
) -> Gateway:
    named = "tests.events.jobs:broadcast" if redis_url is None else None
    return Gateway(
        supergraph_sdl(arguments),
        {"jobs": jobs_app(jobs), "names": names_app()},
        GatewayConfig(
            introspection=True,
            headers=HeaderConfig(forward=("authorization",)),
            events=EventConfig(redis_url=redis_url, broadcast=named) if events else EventConfig(),
            **config,
        ),
    )


QUERY = """
subscription Watch($id: ID!) {
  it: job(id: $id) { percent owner { name } ... on Print { pages title comment } }
}
"""


def seen(percent: int, id_: str = "1", comment: int | None = None) -> dict[str, Any]:
    """What `QUERY` answers."""
    return {
        "it": {
            "percent": percent,
            "owner": {"name": "owner o1"},
            "pages": 7,
            "title": f"title {id_}",
            "comment": f"at {percent if comment is None else comment}",
        }
    }


async def following(results: AsyncGenerator[Any, None]) -> Any:
    async with asyncio.timeout(20):
        return await anext(results)
