"""`gateway.yaml`: what only this gateway understands. Every key is optional, defaults are safe.

`supergraph config schema` prints the JSON Schema of this file. A bound that protects the process
is never "unlimited" by default; each says what it bounds in its unit.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from supergraph.config.yaml_document import load_yaml

__all__ = [
    "AutomaticDocumentConfig",
    "BatchingConfig",
    "CacheConfig",
    "CallbackConfig",
    "CompressionConfig",
    "CorsConfig",
    "CsrfConfig",
    "ErrorConfig",
    "EventConfig",
    "GatewayConfig",
    "GraphiqlConfig",
    "HeaderConfig",
    "IncrementalDeliveryConfig",
    "LimitConfig",
    "ListenConfig",
    "LogConfig",
    "MergeConfig",
    "PersistedDocumentConfig",
    "QueryPlanConfig",
    "ServerConfig",
    "SubgraphConfig",
    "SubgraphSubscriptionConfig",
    "SubscriptionConfig",
    "TrafficConfig",
    "TrustedDocumentConfig",
    "UploadConfig",
    "WebSocketConfig",
    "gateway_config_schema",
    "load_gateway_config",
]

Count = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the file: read-only, and an unknown key is an error."""


class ListenConfig(_Record, frozen=True):
    """Where the gateway answers; the command line's options win."""

    host: str = "127.0.0.1"
    port: Port = 4000


class LimitConfig(_Record, frozen=True):
    """What one request may ask for. Over a limit means a coded error, before any work is done.

    `tokens` bounds parsing and validation; `fields` counts what a document selects once its
    fragments are expanded, which bounds planning. `depth` counts nested fields, `aliases` the
    fields with one and `root_fields` those of the root type, each per operation and expanded.
    """

    body_bytes: Count = 2_000_000
    body_seconds: Seconds = 30.0
    document_bytes: Count = 200_000
    tokens: Count = 10_000
    fields: Count = 5_000
    depth: Count = 50
    aliases: Count = 250
    root_fields: Count = 100
    validation_errors: Count = 20


class CacheConfig(_Record, frozen=True):
    """Entries kept per process; the least recently used goes first.

    `document_bytes` bounds the texts behind all kept documents together (a parsed document takes
    some hundred times its text), and those behind all kept plans. When the supergraph is exchanged,
    the `warm_up_plans` that were used last are made again before the new one is used.
    """

    documents: Count = 1_000
    plans: Count = 1_000
    warm_up_plans: Annotated[int, msgspec.Meta(ge=0)] = 200
    document_bytes: Count = 1_000_000


class AutomaticDocumentConfig(_Record, frozen=True):
    """Automatic persisted queries: clients register a text and from then on send its hash.

    `entries` texts of `characters` together are kept per process. With `redis_url` all gateways
    share them, for `redis_seconds` each.
    """

    enabled: bool = True
    entries: Count = 1_000
    characters: Count = 5_000_000
    redis_url: str | None = None
    redis_seconds: Count = 86_400


class TrustedDocumentConfig(_Record, frozen=True):
    """Documents that a team deploys: the manifests (`*.json`) in `folder`.

    `mode` is `off`, `log` (other documents are answered and logged) or `enforce` (they are
    refused); with `require_id` even trusted ones are answered by their id only.
    """

    folder: str | None = None
    mode: Literal["off", "log", "enforce"] = "enforce"
    require_id: bool = False


class BatchingConfig(_Record, frozen=True):
    """Several requests in one, as a JSON array of at most `requests_max`."""

    enabled: bool = False
    requests_max: Count = 10


class UploadConfig(_Record, frozen=True):
    """Files in variables, by the multipart request specification; they wait on disk, not in memory.

    A request has at most `files_max` files of `file_bytes_max` bytes each, and comes within
    `seconds`.
    """

    enabled: bool = False
    files_max: Count = 10
    file_bytes_max: Count = 10_000_000
    seconds: Seconds = 120.0


class PersistedDocumentConfig(_Record, frozen=True):
    """Documents that clients name instead of sending them."""

    automatic: AutomaticDocumentConfig = AutomaticDocumentConfig()
    trusted: TrustedDocumentConfig = TrustedDocumentConfig()


class HeaderConfig(_Record, frozen=True):
    """`forward` names the client's headers that subgraphs see; none by default."""

    forward: tuple[str, ...] = ()


class CorsConfig(_Record, frozen=True):
    """Web pages of other origins that may read the answers, such as "https://app.example.com".

    None by default; "*" is any, and cannot go with `credentials` (cookies): whatever page a user
    visits could then act for them. Empty `headers` allow those that a page asks for.
    """

    origins: tuple[str, ...] = ()
    credentials: bool = False
    headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
    max_age_seconds: Count = 7_200

    def __post_init__(self) -> None:
        """Refuse what would give every page the rights of whoever visits it."""
        if self.credentials and "*" in self.origins:
            raise ValueError("credentials cannot be allowed to every origin: name the origins")


class CsrfConfig(_Record, frozen=True):
    """Requests that a browser sends cross-site without asking first need one of these headers."""

    enabled: bool = True
    headers: tuple[str, ...] = ("apollo-require-preflight", "x-apollo-operation-name")


class ErrorConfig(_Record, frozen=True):
    """`mask_subgraph_messages` keeps the texts of subgraph errors inside; codes still pass.

    Unset means: masked wherever introspection is off.
    """

    mask_subgraph_messages: bool | None = None


class GraphiqlConfig(_Record, frozen=True):
    """The page for browsers at the GraphQL path. Unset `enabled` follows introspection.

    Its subscriptions come over a WebSocket, or as server-sent events (`sse`).
    """

    enabled: bool | None = None
    subscriptions: Literal["websocket", "sse"] = "websocket"
    default_query: str = ""
    default_headers: dict[str, str] = {}


class MergeConfig(_Record, frozen=True):
    """Entity fetches of different clients that become one request to the subgraph.

    The first waits `window_ms` milliseconds for others; a request asks for at most `batch_max`
    entities. Only fetches with the same forwarded headers are merged.
    """

    window_ms: Annotated[float, msgspec.Meta(gt=0, le=1_000)] = 2.0
    batch_max: Count = 1_000


class QueryPlanConfig(_Record, frozen=True):
    """`expose` lets clients ask for the plan of an operation by a header.

    Unset means: on in `supergraph dev`, off everywhere else. Plans name subgraphs and types that
    the API may hide.
    """

    expose: bool | None = None


class IncrementalDeliveryConfig(_Record, frozen=True):
    """The directives that let an answer come in parts, for clients that accept it in parts.

    `defer` offers `@defer` and plans operations with it in parts. `stream` offers `@stream`: a list
    is fetched whole, and its items are sent in pieces. Other clients get one whole answer.
    """

    defer: bool = True
    stream: bool = False


class SubgraphSubscriptionConfig(_Record, frozen=True):
    """How a subgraph is subscribed to; all but the path is of no matter to a schema in process.

    `websocket` is graphql-transport-ws; `sse` and `multipart` take a connection per subscription
    and are asked for by Accept; `callback` has the subgraph POST its events to the gateway
    (`subscriptions.callback`). `path` replaces that of the subgraph's address. Beyond
    `connections` subscriptions wait for one. A stream with heartbeats is lost after
    `silence_seconds` without one.
    """

    protocol: Literal["websocket", "sse", "multipart", "callback"] = "websocket"
    path: Annotated[str, msgspec.Meta(pattern="^/[!-~]*$")] | None = None
    connections: Count = 1_000
    silence_seconds: Seconds = 60.0


class SubgraphConfig(_Record, frozen=True):
    """One subgraph: `target` replaces its routing URL ("http://…" or "asgi:module:attribute").

    What is unset is as `traffic` says; `merge_entities` is off unless it stands here.
    """

    target: str | None = None
    timeout_seconds: Seconds | None = None
    share_in_flight: bool | None = None
    merge_entities: MergeConfig | None = None
    subscriptions: SubgraphSubscriptionConfig = SubgraphSubscriptionConfig()


class TrafficConfig(_Record, frozen=True):
    """The way to every subgraph; connections and bytes are per subgraph and process.

    With `share_in_flight`, queries that ask a subgraph the same with the same forwarded headers at
    the same time are one request to it. With `compressed`, subgraphs may compress their answers,
    which pays between data centres and costs within one.
    """

    timeout_seconds: Seconds = 30.0
    connect_seconds: Seconds = 5.0
    connections: Count = 100
    response_bytes: Count = 50_000_000
    share_in_flight: bool = True
    compressed: bool = False


class WebSocketConfig(_Record, frozen=True):
    """Bounds of one client's WebSocket (graphql-transport-ws), and the web pages that may open one.

    Pages of the gateway's own host may; `origins` adds others, such as "https://app.example.com".
    """

    origins: tuple[str, ...] = ()
    message_bytes: Count = 1_000_000
    init_bytes: Count = 65_536
    operations: Count = 100
    init_seconds: Seconds = 10.0
    ping_seconds: Seconds = 20.0


class CallbackConfig(_Record, frozen=True):
    """Where subgraphs with the protocol `callback` POST their events, each under the path's own id.

    `public_url` is what they are told, and leads to `path` of this process and of no other: with
    several gateways, or several workers, each needs a URL of its own. Emitters have to check every
    `heartbeat_seconds`, 0 for never; three times without is a loss.
    """

    public_url: Annotated[str, msgspec.Meta(pattern="^https?://[!-~]+$")]
    path: Annotated[str, msgspec.Meta(pattern="^/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-]$")] = "/callback"
    heartbeat_seconds: Annotated[float, msgspec.Meta(ge=0)] = 5.0


class SubscriptionConfig(_Record, frozen=True):
    """Live subscriptions of one process, whichever way clients get them.

    A client that reads slower than events come has `buffer_events` of them waiting; when these are
    full it loses what it has not read but the `latest`, the oldest (`drop_oldest`), or the
    subscription (`close`). Of events that tell a whole state (`@eventStream` with a snapshot, not
    from a Redis Stream) the latest is always enough.

    Clients that ask the same with the same forwarded headers `share` one subscription to the
    subgraph. A subscription ends with the token (JWT) it was opened with, unless `end_with_token`
    is off. One that a subgraph loses is opened again for up to
    `resubscribe_seconds`, 0 for never, before clients are told.

    `reserved_streams` and `stream_operations` are for clients that get the results of many
    operations through one event stream: how many of them there may be, and the operations of each.
    A stream that is not opened for `reservation_seconds` after its reservation is forgotten.
    """

    clients: Count = 20_000
    buffer_events: Count = 64
    when_full: Literal["latest", "drop_oldest", "close"] = "close"
    share: bool = True
    end_with_token: bool = True
    heartbeat_seconds: Seconds = 10.0
    resubscribe_seconds: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    callback: CallbackConfig | None = None
    reserved_streams: Count = 10_000
    stream_operations: Count = 100
    reservation_seconds: Seconds = 30.0


class EventConfig(_Record, frozen=True):
    """Where the events of subscription fields with `@eventStream` come from.

    `redis_url` names a Redis. `broadcast` ("module:attribute") names a `broadcasting.Broadcast` of
    this process, or a function that answers it, for when publishers run in it. With neither, these
    fields are asked of their subgraph like any other.
    """

    redis_url: str | None = None
    broadcast: str | None = None


class CompressionConfig(_Record, frozen=True):
    """Answers of at least `bytes_min` bytes are compressed (zstd, br or gzip) for who accepts it.

    Requests may come compressed, whatever is set here.
    """

    enabled: bool = True
    bytes_min: Count = 1_400


class ServerConfig(_Record, frozen=True):
    """The HTTP server of `supergraph serve`; `connections` is per process, beyond it is 503.

    `head_bytes` and `head_seconds` bound a request's line and headers together. An idle connection
    is kept for `keep_alive_seconds`: longer than load balancers and clients keep theirs (60 and
    less), so that it is not closed while a request is on its way. A client that has not read any of
    what waits for it for `stall_seconds` is cut off.
    """

    connections: Count = 2_000
    backlog: Count = 2_048
    keep_alive_seconds: Count = 75
    shutdown_seconds: Count = 20
    head_bytes: Count = 65_536
    head_seconds: Seconds = 10.0
    stall_seconds: Seconds = 30.0


class LogConfig(_Record, frozen=True):
    """`auto` writes for people on a terminal and JSON otherwise; always to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "console"] = "auto"
    access: bool = True


class GatewayConfig(_Record, frozen=True):
    """The whole file.

    `introspection` unset means: on in `supergraph dev`, off everywhere else. `stages` are import
    strings of user stages (`supergraph.stages.user_stages`). `override_labels` says of the labels
    of progressive overrides whether they are active, or for what percentage of requests; without it
    a label "percent(x)" is for x and any other is not.
    """

    listen: ListenConfig = ListenConfig()
    introspection: bool | None = None
    graphiql: GraphiqlConfig = GraphiqlConfig()
    query_plans: QueryPlanConfig = QueryPlanConfig()
    incremental_delivery: IncrementalDeliveryConfig = IncrementalDeliveryConfig()
    limits: LimitConfig = LimitConfig()
    caches: CacheConfig = CacheConfig()
    persisted_documents: PersistedDocumentConfig = PersistedDocumentConfig()
    batching: BatchingConfig = BatchingConfig()
    uploads: UploadConfig = UploadConfig()
    headers: HeaderConfig = HeaderConfig()
    csrf: CsrfConfig = CsrfConfig()
    cors: CorsConfig = CorsConfig()
    errors: ErrorConfig = ErrorConfig()
    subgraphs: dict[str, SubgraphConfig] = {}
    traffic: TrafficConfig = TrafficConfig()
    websocket: WebSocketConfig = WebSocketConfig()
    subscriptions: SubscriptionConfig = SubscriptionConfig()
    events: EventConfig = EventConfig()
    compression: CompressionConfig = CompressionConfig()
    server: ServerConfig = ServerConfig()
    logs: LogConfig = LogConfig()
    override_labels: dict[str, bool | Percent] = {}
    stages: tuple[str, ...] = ()

    @property
    def introspection_enabled(self) -> bool:
        """Whether clients may ask for the schema."""
        return bool(self.introspection)

    @property
    def graphiql_enabled(self) -> bool:
        """Whether browsers get a page; without introspection it would be of little use."""
        if self.graphiql.enabled is None:
            return self.introspection_enabled
        return self.graphiql.enabled

    @property
    def masks_subgraph_messages(self) -> bool:
        """Whether clients see codes only of what a subgraph reports."""
        if self.errors.mask_subgraph_messages is None:
            return not self.introspection_enabled
        return self.errors.mask_subgraph_messages

    @property
    def exposes_query_plans(self) -> bool:
        """Whether clients may ask for plans."""
        return bool(self.query_plans.expose)

    def for_development(self) -> "GatewayConfig":
        """The same with introspection and query plans on where the file does not say otherwise."""
        config = self
        if config.introspection is None:
            config = msgspec.structs.replace(config, introspection=True)
        if config.query_plans.expose is None:
            config = msgspec.structs.replace(config, query_plans=QueryPlanConfig(expose=True))
        return config


def load_gateway_config(
    path: Path | str, environment: Mapping[str, str] | None = None
) -> GatewayConfig:
    """Read a file; raises `ConfigError` naming file, line and key."""
    variables = os.environ if environment is None else environment
    return load_yaml(Path(path), GatewayConfig, variables)


def gateway_config_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    return msgspec.json.schema(GatewayConfig)
