"""Where requests go: the parts of a URL, or of a Unix socket's address."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

__all__ = ["UNIX_PREFIX", "Target", "parse_target"]

#: "unix:/run/users.sock:/graphql" names a socket and the path to POST to.
UNIX_PREFIX = "unix:"
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: What may stand in a path or query as it is; "%" because what is quoted stays so.
_PATH_SAFE = "/:@!$&'()*+,;=~-._%?"


@dataclass(frozen=True, slots=True)
class Target:
    """`host` without brackets; `authority` is the Host header; `path` has the query string.

    `unix_path` is empty for TCP.
    """

    host: str
    port: int
    authority: str
    path: str
    is_tls: bool = False
    unix_path: str = ""


def parse_target(address: str) -> Target:
    """Read "http(s)://…" or "unix:/socket:/path"; raises ValueError with the reason."""
    if address.startswith(UNIX_PREFIX):
        return _unix_target(address.removeprefix(UNIX_PREFIX))
    parts = urlsplit(address)
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError("it is neither an http nor an https URL")
    if not parts.hostname:
        raise ValueError("it names no host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("credentials do not belong in a URL")
    host = parts.hostname
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if any(character <= " " or character == "\x7f" for character in host):
        raise ValueError("its host holds a space or control character")
    default_port = _DEFAULT_PORTS[parts.scheme]
    port = default_port if parts.port is None else parts.port
    authority = f"[{host}]" if ":" in host else host
    if port != default_port:
        authority += f":{port}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, authority, quote(path, _PATH_SAFE), parts.scheme == "https")


def _unix_target(address: str) -> Target:
    unix_path, separator, path = address.rpartition(":/")
    if not separator:
        unix_path, path = address, "graphql"
    if not unix_path.startswith("/") or "\0" in unix_path:
        raise ValueError("a Unix socket is named by its absolute path")
    return Target("localhost", 0, "localhost", quote(f"/{path}", _PATH_SAFE), unix_path=unix_path)
