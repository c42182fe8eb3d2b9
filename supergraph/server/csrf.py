"""Refuses what a foreign page could make a browser send without asking the gateway first.

A browser asks first (a CORS preflight) unless method, headers and content type are all "simple"
(https://fetch.spec.whatwg.org/#cors-safelisted-request-header). A request with one of the
configured headers is therefore never forged. Nor is one that the browser says comes from a page of
the gateway's own origin: pages cannot set `Sec-Fetch-*`
(https://fetch.spec.whatwg.org/#forbidden-request-header), and an EventSource can set nothing else.
A GET changes nothing here, so it is refused only when the browser itself says that it was made by
another site.
"""

from supergraph.config.gateway import CsrfConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.server.client_headers import ClientHeaders
from supergraph.server.negotiation import media_type

__all__ = ["check_csrf"]

#: What a form may send; no content type at all is how a bare `fetch` sends a Blob.
SIMPLE_TYPES = frozenset(
    {"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}
)
FOREIGN_SITES = frozenset({"cross-site", "same-site"})


def check_csrf(method: str, headers: ClientHeaders, config: CsrfConfig) -> None:
    """Raise `ClientError` unless the request cannot have been forged."""
    if not config.enabled:
        return
    if method == "GET":
        is_simple = headers.get("sec-fetch-site") in FOREIGN_SITES
    else:
        type_ = media_type(headers.raw.get(b"content-type", b""))[0]
        is_simple = type_ in SIMPLE_TYPES and headers.get("sec-fetch-site") != "same-origin"
    if is_simple and not any(headers.get(name.lower()) for name in config.headers):
        raise ClientError(
            codes.CSRF_ERROR,
            "A foreign page could have sent this request. Send content-type: application/json, "
            f"or one of the headers {', '.join(config.headers)}",
        )
