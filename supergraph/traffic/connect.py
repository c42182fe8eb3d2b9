"""From a subgraph's target to its transport."""

from importlib import import_module
from typing import Any

from graphql import GraphQLSchema
from starlette.types import ASGIApp

from supergraph.names import SubgraphName
from supergraph.traffic.asgi_transport import AsgiTransport
from supergraph.traffic.http1.target import UNIX_PREFIX
from supergraph.traffic.http_transport import HttpTransport
from supergraph.traffic.schema_transport import SchemaTransport
from supergraph.traffic.settings import TransportSettings
from supergraph.traffic.subscription_way import OVER_WEBSOCKET, SubscriptionWay
from supergraph.traffic.transport import SubgraphTransport

__all__ = ["ASGI_PREFIX", "connect"]

#: "asgi:module:attribute" names an ASGI app to run in this process.
ASGI_PREFIX = "asgi:"


def connect(
    name: SubgraphName,
    target: str | ASGIApp | Any,
    settings: TransportSettings,
    way: SubscriptionWay = OVER_WEBSOCKET,
) -> SubgraphTransport:
    """The transport for a target; a schema is subscribed to by a call, whatever the way is.

    It is an HTTP URL, "unix:/socket:/path", "asgi:module:attribute", an ASGI app or a schema.
    Raises `ValueError` for anything else, and for an import string that leads nowhere.
    """
    if isinstance(target, str):
        if target.startswith(("http://", "https://", UNIX_PREFIX)):
            return HttpTransport(name, target, settings, way=way)
        if target.startswith(ASGI_PREFIX):
            return AsgiTransport(name, _imported(name, target), settings, way=way)
        raise ValueError(
            f'The target {target!r} of subgraph "{name}" is neither an http(s) URL, '
            f"{UNIX_PREFIX}/socket:/path nor {ASGI_PREFIX}module:attribute."
        )
    if isinstance(target, GraphQLSchema) or (
        hasattr(target, "execute") and hasattr(target, "subscribe")
    ):
        return SchemaTransport(name, target, settings)
    if callable(target):
        return AsgiTransport(name, target, settings, way=way)
    raise ValueError(f'The target of subgraph "{name}" is no URL, ASGI app or schema: {target!r}.')


def _imported(name: SubgraphName, target: str) -> ASGIApp:
    module_name, _, attribute = target.removeprefix(ASGI_PREFIX).partition(":")
    try:
        app: ASGIApp = getattr(import_module(module_name), attribute or "app")
    except (ImportError, AttributeError) as error:
        raise ValueError(
            f'The target {target!r} of subgraph "{name}" cannot be imported: {error}'
        ) from error
    return app
