"""Redis and PostgreSQL from the binaries installed on this machine, without Docker.

Each server listens on 127.0.0.1 only and keeps its files in a folder it is given. They are meant
for trying things out and for tests: PostgreSQL trusts every local connection and does not wait
for the disk.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from stat import S_IXOTH
from typing import TypeVar

from subgraphs.demo.processes import ChildProcess, StartError, free_port

__all__ = [
    "MissingBinaryError",
    "PostgresServer",
    "RedisServer",
    "find_binary",
    "start_postgres",
    "start_redis",
]

READY_SECONDS = 30.0
#: Another process may take a free port between our asking for it and the server's binding it.
START_ATTEMPTS = 3
#: PostgreSQL refuses to run as root; Debian's packages create this user.
POSTGRES_USER = "postgres"

Server = TypeVar("Server")


class MissingBinaryError(Exception):
    """A server's program is not installed; the message names the Debian package."""


@dataclass(slots=True)
class RedisServer:
    """A running Redis; `kill` and `restart` keep its port."""

    process: ChildProcess
    port: int

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()

    def restart(self) -> None:
        """Start it again on the same port with what it kept; returns when it answers."""
        self.process.stop()
        self.process.start()
        self.process.wait_until_ready(lambda: _answers_ping(self.port), READY_SECONDS)

    def stop(self) -> None:
        """End it cleanly."""
        self.process.stop()


@dataclass(slots=True)
class PostgresServer:
    """A running PostgreSQL with one superuser, `postgres`, and no passwords."""

    process: ChildProcess
    port: int
    binaries: Path

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of a database, for asyncpg."""
        return f"postgresql+asyncpg://{POSTGRES_USER}@127.0.0.1:{self.port}/{database}"

    def has_database(self, name: str) -> bool:
        """Whether the database exists."""
        output = self._run("psql", "-Atc", "select datname from pg_database", "postgres")
        return name in output.splitlines()

    def create_database(self, name: str) -> str:
        """Create an empty database and return its URL."""
        self._run("createdb", name)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, ending its connections."""
        self._run("dropdb", "--force", "--if-exists", name)

    def stop(self) -> None:
        """End it cleanly without waiting for clients to leave."""
        self.process.stop(with_signal=signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()

    def restart(self) -> None:
        """Start it again on the same port with its data; returns when it answers."""
        self.stop()
        self.process.start()
        self.process.wait_until_ready(self.accepts_connections, READY_SECONDS)

    def _run(self, program: str, *arguments: str) -> str:
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", POSTGRES_USER]
        done = subprocess.run(  # noqa: S603 - programs of the PostgreSQL installation
            [self.binaries / program, *where, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StartError(f"{program} {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout

    def accepts_connections(self) -> bool:
        """Whether a client could connect right now."""
        probe = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(probe, check=False).returncode == 0  # noqa: S603


def find_binary(name: str, *, package: str, folders: tuple[Path, ...] = ()) -> Path:
    """The program's path: from `folders`, newest first, else from PATH."""
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name)
    if found is None:
        raise MissingBinaryError(
            f"{name} is not installed; on Debian: apt-get install --no-install-recommends {package}"
        )
    return Path(found)


def start_redis(folder: Path, *, port: int | None = None, is_durable: bool = False) -> RedisServer:
    """Start a Redis; without `port` on a free one.

    It keeps nothing on disk, or everything that it acknowledged when it `is_durable`.
    """
    binary = find_binary("redis-server", package="redis-server")
    folder.mkdir(parents=True, exist_ok=True)

    def start(chosen: int) -> RedisServer:
        process = ChildProcess(
            name=f"Redis on port {chosen}",
            command=[
                *(str(binary), "--bind", "127.0.0.1", "--port", str(chosen)),
                *("--dir", str(folder), "--save", ""),
                *("--appendonly", "yes" if is_durable else "no", "--appendfsync", "always"),
            ],
            log_path=folder / "redis.log",
        )
        _start(process, lambda: _answers_ping(chosen))
        return RedisServer(process, chosen)

    return _on_a_port(start, port)


def start_postgres(folder: Path, *, port: int | None = None) -> PostgresServer:
    """Start a PostgreSQL on the data in `folder`; without `port` on a free one.

    An empty folder is initialised. Started by root it runs as the user `postgres`, who must be
    able to reach the folder; where it cannot, the data goes to a folder under /var/tmp.
    """
    binaries = find_binary(
        "postgres",
        package="postgresql",
        folders=tuple(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)),
    ).parent
    user = POSTGRES_USER if os.geteuid() == 0 else None
    folder = _prepare_folder(folder.absolute(), user)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        _initialise(binaries, data, user)

    def start(chosen: int) -> PostgresServer:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(chosen),
            "unix_socket_directories": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
        }
        process = ChildProcess(
            name=f"PostgreSQL on port {chosen}",
            command=[
                *(str(binaries / "postgres"), "-D", str(data)),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            log_path=folder / "postgres.log",
            folder=folder,
            user=user,
        )
        server = PostgresServer(process, chosen, binaries)
        _start(process, server.accepts_connections)
        return server

    return _on_a_port(start, port)


def _on_a_port(start: Callable[[int], Server], port: int | None) -> Server:
    """Start on the given port, or on a free one, trying again when another process took it."""
    if port is not None:
        return start(port)
    for _ in range(START_ATTEMPTS - 1):
        with contextlib.suppress(StartError):
            return start(free_port())
    return start(free_port())


def _start(process: ChildProcess, is_ready: Callable[[], bool]) -> None:
    process.start()
    try:
        process.wait_until_ready(is_ready, READY_SECONDS)
    except BaseException:
        process.kill()
        raise


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _initialise(binaries: Path, data: Path, user: str | None) -> None:
    command = [str(binaries / "initdb"), "-D", str(data), "-U", POSTGRES_USER, "-A", "trust"]
    options = ["-E", "UTF8", "--locale=C", "--no-sync"]
    done = subprocess.run(  # noqa: S603 - a program of the PostgreSQL installation
        [*command, *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=data.parent,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    if done.returncode:
        raise StartError(f"initdb failed in {data}: {done.stderr.strip()}")


def _prepare_folder(folder: Path, user: str | None) -> Path:
    if user is None:
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    if not _others_can_enter(folder.parent):
        identity = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        folder = Path("/var/tmp") / f"supergraph-{identity}"  # noqa: S108 - outlives a reboot
    folder.mkdir(parents=True, exist_ok=True)
    account = pwd.getpwnam(user)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return folder


def _others_can_enter(folder: Path) -> bool:
    existing = [part for part in (folder, *folder.parents) if part.exists()]
    return all(part.stat().st_mode & S_IXOTH for part in existing)
