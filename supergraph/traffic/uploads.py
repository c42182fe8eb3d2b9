"""Files that a client uploads, on their way to a subgraph.

https://github.com/jaydenseric/graphql-multipart-request-spec. A file is written to a temporary file
as it comes, and read from there as it is sent, so that it is in memory for a moment only, several
subgraphs may get it, and its place in the request does not matter.
"""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson

__all__ = ["UploadedFile", "multipart_body", "without_files"]

CHUNK_BYTES = 65_536
#: Files this small stay in memory.
MEMORY_BYTES = 262_144


class UploadedFile:
    """One file; it is written once and read as often as it is sent."""

    def __init__(self, filename: str, content_type: str) -> None:
        self.filename = filename
        self.content_type = content_type
        self.size = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 # see `close`
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<UploadedFile {self.size} bytes>"

    def write(self, chunk: bytes) -> None:
        """Add a part."""
        self.size += len(chunk)
        self._file.write(chunk)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The whole file, part by part; several readers may be at different places."""
        position = 0
        while position < self.size:
            async with self._lock:
                self._file.seek(position)
                chunk = await asyncio.to_thread(self._file.read, CHUNK_BYTES)
            position += len(chunk)
            yield chunk

    def close(self) -> None:
        """Forget it."""
        self._file.close()


def without_files(variables: Any) -> tuple[Any, list[tuple[str, UploadedFile]]]:
    """Variables with null in place of every file, and the files with their places."""
    found: list[tuple[str, UploadedFile]] = []
    return _stripped(variables, "variables", found), found


def _stripped(value: Any, path: str, found: list[tuple[str, UploadedFile]]) -> Any:
    if isinstance(value, UploadedFile):
        found.append((path, value))
        return None
    if isinstance(value, Mapping):
        return {name: _stripped(item, f"{path}.{name}", found) for name, item in value.items()}
    if isinstance(value, list):
        return [_stripped(item, f"{path}.{index}", found) for index, item in enumerate(value)]
    return value


def multipart_body(
    operations: bytes, files: list[tuple[str, UploadedFile]]
) -> tuple[str, AsyncGenerator[bytes, None]]:
    """The content type and the body of a request with files; `operations` is its JSON."""
    boundary = secrets.token_hex(16)
    return f'multipart/form-data; boundary="{boundary}"', _parts(boundary, operations, files)


async def _parts(
    boundary: str, operations: bytes, files: list[tuple[str, UploadedFile]]
) -> AsyncGenerator[bytes, None]:
    delimiter = f"--{boundary}\r\n".encode()
    places = {str(number): [path] for number, (path, _) in enumerate(files)}
    yield _field(delimiter, "operations", operations)
    yield _field(delimiter, "map", orjson.dumps(places))
    for number, (_, file) in enumerate(files):
        head = (
            f'content-disposition: form-data; name="{number}"; filename="{_quoted(file.filename)}"'
            f"\r\ncontent-type: {file.content_type}\r\n\r\n"
        )
        yield delimiter + head.encode()
        async for chunk in file.chunks():
            yield chunk
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def _field(delimiter: bytes, name: str, value: bytes) -> bytes:
    head = (
        f'content-disposition: form-data; name="{name}"\r\ncontent-type: application/json\r\n\r\n'
    )
    return delimiter + head.encode() + value + b"\r\n"


def _quoted(filename: str) -> str:
    """As browsers write it: https://html.spec.whatwg.org/#multipart-form-data."""
    return filename.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
