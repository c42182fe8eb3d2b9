"""The body and headers of a request to a subgraph, the same for every transport with a wire."""

import msgspec

from supergraph.traffic.transport import SubgraphRequest

__all__ = ["OWN_HEADERS", "encode_request", "request_headers", "socket_headers"]

#: What every request over HTTP carries.
OWN_HEADERS = {
    "accept": "application/graphql-response+json, application/json",
    "content-type": "application/json",
}
#: Headers that belong to one connection, or that would make a subgraph take the gateway for a
#: browser; they are never forwarded, whatever the allow-list says.
_NEVER_FORWARDED = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def encode_request(request: SubgraphRequest) -> bytes:
    """The JSON body (https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters)."""
    body: dict[str, object] = {"query": request.query}
    if request.operation_name is not None:
        body["operationName"] = request.operation_name
    if request.variables:
        body["variables"] = request.variables
    return msgspec.json.encode(body)


def request_headers(request: SubgraphRequest) -> dict[str, str]:
    """The forwarded headers that may be forwarded, and our own."""
    return socket_headers(request) | OWN_HEADERS


def socket_headers(request: SubgraphRequest) -> dict[str, str]:
    """The forwarded headers for a WebSocket: in its handshake and in `connection_init`."""
    return {name: value for name, value in request.headers.items() if name not in _NEVER_FORWARDED}
