"""The page a browser gets at the GraphQL path: GraphiQL, or a small page where it was not built.

Neither loads anything from another host, and the Content-Security-Policy would not let it. The
page's settings (endpoint, default headers and query) are data inside the page, never script.
"""

import re
from pathlib import Path
from typing import Any

import orjson
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from supergraph.config.gateway import GraphiqlConfig
from supergraph.server.answer import Answer

__all__ = ["ASSETS_PATH", "Landing"]

#: Where the bundle expects its files; see `base` in graphiql/vite.config.js.
ASSETS_PATH = "/graphiql"

_HERE = Path(__file__).parent
BUNDLE = _HERE / "graphiql" / "dist"
FALLBACK = _HERE / "fallback"

# The editor (Monaco) writes style attributes and starts workers; both stay on this host.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; "
    "connect-src 'self' {websocket_origins}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_CONFIG_SLOT = re.compile(
    r'(<script type="application/json" id="graphiql-config">).*?(</script>)', re.DOTALL
)


class _ImmutableFiles(StaticFiles):
    """Files whose name changes with their content: a browser never needs to ask again."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        response.headers["x-content-type-options"] = "nosniff"
        return response


class Landing:
    """The page, with its settings filled in once, and the routes of the files it loads."""

    def __init__(self, config: GraphiqlConfig, endpoint: str, *, bundle: Path = BUNDLE) -> None:
        self.is_bundled = (bundle / "index.html").is_file()
        source = bundle / "index.html" if self.is_bundled else FALLBACK / "fallback.html"
        settings = {
            "endpoint": endpoint,
            "subscriptionEndpoint": endpoint,
            "subscriptions": config.subscriptions,
            # An environment variable that is not set leaves an empty value: no header at all.
            "defaultHeaders": {k: v for k, v in config.default_headers.items() if v},
            "defaultQuery": config.default_query,
        }
        self._html = _fill(source.read_text(encoding="utf-8"), settings).encode()
        self._files = bundle if self.is_bundled else FALLBACK

    def page(self, host: str) -> Answer:
        """The HTML; `host` is the request's own, for browsers whose 'self' excludes WebSockets."""
        origins = f"ws://{host} wss://{host}" if re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", host) else ""
        policy = CONTENT_SECURITY_POLICY.format(websocket_origins=origins)
        return Answer(
            self._html,
            "text/html; charset=utf-8",
            headers=(
                (b"cache-control", b"no-store"),  # it may hold an operator's default headers
                (b"content-security-policy", policy.encode("ascii")),
                (b"referrer-policy", b"no-referrer"),
                (b"vary", b"accept"),
                (b"x-content-type-options", b"nosniff"),
            ),
        )

    def routes(self) -> list[BaseRoute]:
        """The files of the page."""
        if self.is_bundled:
            # Only the hashed files: the page itself is served with its settings, by `page`.
            files = _ImmutableFiles(directory=self._files / "assets")
            return [Mount(f"{ASSETS_PATH}/assets", files)]
        return [Mount(f"{ASSETS_PATH}/fallback", StaticFiles(directory=self._files))]


def _fill(html: str, settings: dict[str, Any]) -> str:
    """Put the settings into their slot; no text in them can end the script element."""
    text = orjson.dumps(settings).decode()
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return _CONFIG_SLOT.sub(lambda match: match[1] + text + match[2], html, count=1)
