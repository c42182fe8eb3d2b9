"""A service's settings: one frozen record, read once from the environment.

Unset always means the embedded default (SQLite in the data folder, no Redis), so a service starts
without any configuration. A wrong value raises `SettingsError` with the variable's name in it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

__all__ = ["ServiceSettings", "SettingsError", "load_settings"]

DEFAULT_DATA_DIR = "data"
DEFAULT_HOST = "127.0.0.1"
#: A shorter key could be guessed from one token; HS256 wants at least the hash's length.
TOKEN_KEY_BYTES_MIN = 32
TOKEN_LIFETIME_SECONDS = 8 * 3600
TOKEN_LIFETIME_SECONDS_MAX = 30 * 24 * 3600
SLOW_QUERY_SECONDS = 0.5
POSTGRES_DRIVERS = ("postgres", "postgresql", "postgresql+asyncpg")


class SettingsError(Exception):
    """A setting cannot be used; the message names the variable and what it should be."""


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Everything a service is told from outside; secrets stay out of its repr."""

    name: str
    host: str
    port: int
    data_dir: Path
    database_url: URL
    redis_url: str | None = field(default=None, repr=False)
    token_key: bytes | None = field(default=None, repr=False)
    token_lifetime_seconds: int = TOKEN_LIFETIME_SECONDS
    slow_query_seconds: float = SLOW_QUERY_SECONDS
    #: The service's own variables (`NAME_…`), for settings no other service has.
    own: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_embedded(self) -> bool:
        """Whether the data lives in a SQLite file of this installation."""
        return self.database_url.get_backend_name() == "sqlite"


def load_settings(
    name: str, default_port: int, environment: Mapping[str, str] | None = None
) -> ServiceSettings:
    """Read the settings of the service `name`, whose own variables start with `NAME_`."""
    values = os.environ if environment is None else environment
    prefix = name.upper()
    data_dir = Path(values.get("DATA_DIR") or DEFAULT_DATA_DIR)
    return ServiceSettings(
        name=name,
        host=values.get(f"{prefix}_HOST") or DEFAULT_HOST,
        port=_integer(values, f"{prefix}_PORT", default_port, minimum=1, maximum=65535),
        data_dir=data_dir,
        database_url=_database_url(values, name, data_dir),
        redis_url=values.get("REDIS_URL") or None,
        token_key=_token_key(values),
        token_lifetime_seconds=_integer(
            values,
            "USERS_TOKEN_LIFETIME_SECONDS",
            TOKEN_LIFETIME_SECONDS,
            minimum=1,
            maximum=TOKEN_LIFETIME_SECONDS_MAX,
        ),
        own={key: value for key, value in values.items() if key.startswith(f"{prefix}_")},
    )


def _database_url(values: Mapping[str, str], name: str, data_dir: Path) -> URL:
    own_variable = f"{name.upper()}_DATABASE_URL"
    if own := values.get(own_variable):
        return _parse_database_url(own_variable, own)
    if shared := values.get("DATABASE_URL"):
        url = _parse_database_url("DATABASE_URL", shared)
        # PostgreSQL gives every service a schema of its own; a SQLite file has none, and two
        # services in one file would share tables.
        if url.get_backend_name() == "sqlite":
            message = (
                f"DATABASE_URL is shared by all services and must be PostgreSQL. "
                f"For SQLite set {own_variable}, or leave both unset to use DATA_DIR."
            )
            raise SettingsError(message)
        return url
    return URL.create("sqlite+aiosqlite", database=str(data_dir / f"{name}.db"))


def _parse_database_url(variable: str, text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(f"{variable} is not a database URL") from error
    if url.drivername in POSTGRES_DRIVERS:
        return url.set(drivername="postgresql+asyncpg")
    if url.drivername in {"sqlite", "sqlite+aiosqlite"}:
        if not url.database or url.database == ":memory:":
            raise SettingsError(f"{variable} must name a file: a service needs more connections")
        return url.set(drivername="sqlite+aiosqlite")
    raise SettingsError(f"{variable} must start with postgresql:// or sqlite:///")


def _token_key(values: Mapping[str, str]) -> bytes | None:
    text = values.get("USERS_TOKEN_KEY")
    if not text:
        return None
    key = text.encode()
    if len(key) < TOKEN_KEY_BYTES_MIN:
        raise SettingsError(f"USERS_TOKEN_KEY must have at least {TOKEN_KEY_BYTES_MIN} bytes")
    return key


def _integer(
    values: Mapping[str, str], variable: str, default: int, *, minimum: int, maximum: int
) -> int:
    text = values.get(variable)
    if not text:
        return default
    try:
        number = int(text)
    except ValueError:
        number = minimum - 1
    if not minimum <= number <= maximum:
        raise SettingsError(f"{variable} must be a whole number from {minimum} to {maximum}")
    return number
