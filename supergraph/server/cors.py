"""Cross-origin resource sharing: which web pages of other origins may read what is answered here.

https://fetch.spec.whatwg.org/#http-cors-protocol. Without origins in the configuration no header is
sent, so that pages of other origins read nothing.
"""

from supergraph.config.gateway import CorsConfig
from supergraph.server.answer import Answer
from supergraph.server.client_headers import ClientHeaders
from supergraph.server.origin import ANY_ORIGIN

__all__ = ["Cors"]

Headers = tuple[tuple[bytes, bytes], ...]

_VARY = (b"vary", b"origin")
#: Of a preflight's list of headers that is given back; a page needs a handful.
REQUEST_HEADERS_BYTES_MAX = 2_000


class Cors:
    """What the configuration says, for one request at a time."""

    def __init__(self, config: CorsConfig) -> None:
        self._origins = frozenset(config.origins)
        self._credentials = config.credentials
        self._exposed = ", ".join(config.expose_headers).encode("latin-1")
        self._allowed = ", ".join(config.headers).encode("latin-1")
        self._methods = ", ".join(config.methods).encode("latin-1")
        self._max_age = str(config.max_age_seconds).encode("ascii")

    def headers(self, request: ClientHeaders) -> Headers:
        """Those of every answer to a page of another origin; `Vary` alone for one that may not."""
        allowed = self._allowed_origin(request)
        if allowed is None:
            return (_VARY,)
        found = [_VARY, (b"access-control-allow-origin", allowed)]
        if self._credentials:
            found.append((b"access-control-allow-credentials", b"true"))
        if self._exposed:
            found.append((b"access-control-expose-headers", self._exposed))
        return tuple(found)

    def preflight(self, method: str, request: ClientHeaders) -> Answer | None:
        """The answer to a browser that asks first, without `headers`; None for other requests."""
        raw = request.raw
        if method != "OPTIONS" or b"access-control-request-method" not in raw:
            return None
        headers: Headers = ()
        if self._allowed_origin(request) is not None:
            asked = raw.get(b"access-control-request-headers", b"")
            allowed = self._allowed or asked[:REQUEST_HEADERS_BYTES_MAX]
            headers = (
                (b"access-control-allow-methods", self._methods),
                (b"access-control-max-age", self._max_age),
                *(((b"access-control-allow-headers", allowed),) if allowed else ()),
            )
        return Answer(b"", "text/plain", 204, headers)

    def _allowed_origin(self, request: ClientHeaders) -> bytes | None:
        origin = request.raw.get(b"origin")
        if origin is None or origin.decode("latin-1") in self._origins:
            return origin
        return b"*" if ANY_ORIGIN in self._origins else None
