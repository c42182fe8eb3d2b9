"""Content negotiation of GraphQL over HTTP: which media type the answer has, and the body's.

https://graphql.github.io/graphql-over-http/draft/#sec-Accept
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import Literal, TypeAlias, TypeVar

from supergraph.protocols import event_stream, multipart_mixed
from supergraph.stages.respond_in_parts import Dialect

__all__ = [
    "GRAPHQL_RESPONSE",
    "JSON",
    "Accepted",
    "StreamType",
    "accepted_coding",
    "accepted_forms",
    "accepts_text",
    "media_type",
    "prefers_html",
]

T = TypeVar("T")

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
TEXT = "text/plain"

StreamType: TypeAlias = Literal["text/event-stream", "multipart/mixed"]
Coding: TypeAlias = Literal["zstd", "br", "gzip"]
#: By preference where a client weighs them the same: most compression for the least CPU first.
CODINGS: tuple[Coding, ...] = ("zstd", "br", "gzip")

#: Media ranges looked at in one Accept header; browsers send fewer than ten.
RANGES_MAX = 32
#: Header values whose meaning is kept, and how long one of them may be; clients send few others.
KEPT_VALUES = 256
KEPT_VALUE_BYTES = 256


def _kept(read: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """The same function of a header's value, which remembers what it answered to short ones."""
    remembered = lru_cache(KEPT_VALUES)(read)

    def kept(value: bytes) -> T:
        return remembered(value) if len(value) <= KEPT_VALUE_BYTES else read(value)

    return kept


@dataclass(frozen=True, slots=True)
class _Range:
    """One entry of an Accept header."""

    type: str
    quality: float
    position: int
    parameters: Mapping[str, str]

    def specificity(self, offer: str) -> int:
        """How closely it names the offer: 3 exactly, 2 by kind, 1 by `*/*`, 0 not at all."""
        if self.type == offer:
            return 3
        if self.type == offer.partition("/")[0] + "/*":
            return 2
        return 1 if self.type == "*/*" else 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """The forms of answers a client takes; None for one that it does not take.

    `single` is the media type of one whole answer. `stream` is how a subscription may come, and
    `incremental` the dialect of an answer in parts: both only if the client names them, since few
    of those that accept anything could read them.
    """

    single: str | None
    stream: StreamType | None = None
    incremental: Dialect | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether no answer at all can be sent."""
        return self.single is None and self.stream is None and self.incremental is None

    @property
    def is_events_only(self) -> bool:
        """Whether every answer has to be an event stream."""
        return self.single is None and self.stream == event_stream.CONTENT_TYPE


@_kept
def accepted_forms(accept: bytes) -> Accepted:
    """What is accepted of ours.

    Clients that accept both single forms get what they weigh highest, then what they list first.
    Plain JSON is for those that do not care: it is what clients from before the specification
    understand.
    """
    if not accept.strip():
        return Accepted(JSON)
    ranges = _ranges(accept.decode("latin-1"))
    named = sorted(
        (item for item in ranges if item.quality), key=lambda item: (-item.quality, item.position)
    )
    return Accepted(
        _best(ranges, (JSON, GRAPHQL_RESPONSE)),
        next(filter(None, map(_stream, named)), None),
        next(filter(None, map(_dialect, named)), None),
    )


@_kept
def accepted_coding(accept_encoding: bytes) -> Coding | None:
    """The content coding to answer in, or None for none (RFC 9110, section 12.5.3)."""
    weights = {
        item.type: item.quality for item in _ranges(accept_encoding.decode("latin-1")) if item.type
    }
    rest = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, rest))
    return best if weights.get(best, rest) else None


def _stream(item: _Range) -> StreamType | None:
    if item.type == event_stream.CONTENT_TYPE:
        return event_stream.CONTENT_TYPE
    is_parts = item.type == multipart_mixed.CONTENT_TYPE
    if is_parts and item.parameters.get("subscriptionspec") == "1.0":
        return multipart_mixed.CONTENT_TYPE
    return None


def _dialect(item: _Range) -> Dialect | None:
    if item.type != multipart_mixed.CONTENT_TYPE:
        return None
    if item.parameters.get("incrementalspec") == "v0.2":
        return "v0.2"
    # Without a dialect it is a client from before there were two.
    asked = item.parameters.get("deferspec", "" if "subscriptionspec" in item.parameters else None)
    return "20220824" if asked in {None, "20220824"} else None


@_kept
def prefers_html(accept: bytes) -> bool:
    """Whether a browser asks for a page rather than for a GraphQL answer."""
    return _best(_ranges(accept.decode("latin-1")), (JSON, GRAPHQL_RESPONSE, HTML)) == HTML


@_kept
def accepts_text(accept: bytes) -> bool:
    """Whether plain text can be answered."""
    return not accept.strip() or _best(_ranges(accept.decode("latin-1")), (TEXT,)) is not None


@_kept
def media_type(content_type: bytes) -> tuple[str, str]:
    """A Content-Type header as media type and charset, both in lower case, "" when absent."""
    if not content_type:
        return "", ""
    message = Message()
    message["content-type"] = content_type.decode("latin-1")
    charset = message.get_param("charset") or ""
    return message.get_content_type(), str(charset).lower()


def _ranges(accept: str) -> list[_Range]:
    ranges = []
    for position, entry in enumerate(accept.split(",", RANGES_MAX)[:RANGES_MAX]):
        type_, *parameters = (part.strip().lower() for part in entry.split(";"))
        given = {
            name.strip(): value.strip().strip('"')
            for name, _, value in (parameter.partition("=") for parameter in parameters)
        }
        if given.get("charset", "utf-8") in {"utf-8", "utf8"}:
            ranges.append(_Range(type_, _quality(given.get("q")), position, given))
    return ranges


def _quality(text: str | None) -> float:
    try:
        return min(max(float(text), 0.0), 1.0) if text is not None else 1.0
    except ValueError:
        return 0.0


def _best(ranges: list[_Range], offers: tuple[str, ...]) -> str | None:
    best: tuple[float, int] | None = None
    chosen = None
    for offer in offers:
        named = max(ranges, key=lambda item: item.specificity(offer), default=None)
        if named is None or not named.specificity(offer) or not named.quality:
            continue
        rank = (named.quality, -named.position)
        if best is None or rank > best:
            best, chosen = rank, offer
    return chosen
