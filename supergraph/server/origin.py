"""Which web pages may open a WebSocket here.

A browser asks nobody before it opens a WebSocket across origins, and sends cookies along; all it
does is to name the page's origin. Programs that are no browsers send no Origin and are let in.
"""

from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

__all__ = ["is_origin_allowed"]

ANY_ORIGIN = "*"
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def is_origin_allowed(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Whether it is no browser, a page of this very host, or one on the allow-list.

    Schemes are not compared for the same host: behind a proxy that ends TLS they differ. "null",
    which sandboxed pages send, is allowed by `*` only.
    """
    if origin is None or ANY_ORIGIN in allowed or origin in allowed:
        return True
    return host is not None and _is_same_host(origin, host)


def _is_same_host(origin: str, host: str) -> bool:
    try:
        page = urlsplit(origin)
        ours = urlsplit(f"{page.scheme}://{host}")
        return page.hostname is not None and _address(page) == _address(ours)
    except ValueError:  # a port that is no number, or half an IPv6 address
        return False


def _address(url: SplitResult) -> tuple[str | None, int | None]:
    return url.hostname, url.port or _DEFAULT_PORTS.get(url.scheme)
