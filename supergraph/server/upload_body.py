"""Reading a request with files (`multipart/form-data`), within bounds of size, number and time.

https://github.com/jaydenseric/graphql-multipart-request-spec: first `operations`, a GraphQL
request, then `map`, which says where in it each file belongs, then the files.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import Message, Receive

from supergraph.config.gateway import LimitConfig, UploadConfig
from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.server.client_headers import ClientHeaders
from supergraph.stages.admit import json_from_bytes, request_from_json
from supergraph.stages.request import GraphQLRequest
from supergraph.traffic.uploads import UploadedFile

__all__ = ["MULTIPART_FORM", "Upload", "read_upload"]

MULTIPART_FORM = "multipart/form-data"
#: A file's name in the form, its own name and type.
NAME_CHARACTERS_MAX = 200
DEFAULT_TYPE = "application/octet-stream"


class Upload:
    """A GraphQL request and the files in its variables, which are closed with it."""

    def __init__(self, operations: Any, files: Mapping[str, UploadedFile]) -> None:
        self._operations = operations
        self._files = files

    def request(self, headers: Mapping[str, str], request_id: str) -> GraphQLRequest:
        """The request; raises `ClientError` for one that is none."""
        return request_from_json(self._operations, headers, request_id=request_id)

    def close(self) -> None:
        """Forget the files."""
        for file in self._files.values():
            file.close()


async def read_upload(
    receive: Receive, headers: ClientHeaders, limits: LimitConfig, config: UploadConfig
) -> Upload | None:
    """The request, or None when the client has left before its end; raises `ClientError`."""
    form = _Form(_boundary(headers), limits, config)
    upload: Upload | None = None
    try:
        async with asyncio.timeout(config.seconds):
            if await _feed(form, receive):
                upload = form.upload()
    except TimeoutError as error:
        late = f"The files did not arrive within {config.seconds:g} seconds"
        raise ClientError(codes.REQUEST_TIMEOUT, late) from error
    finally:
        if upload is None:
            form.close()
    return upload


async def _feed(form: "_Form", receive: Receive) -> bool:
    while True:
        message: Message = await receive()
        if message["type"] != "http.request":
            return False
        form.feed(message.get("body", b""))
        if not message.get("more_body"):
            return True


def _boundary(headers: ClientHeaders) -> bytes:
    _, options = parse_options_header(headers.raw.get(b"content-type", b""))
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise _refusal("The form's content type names no boundary")
    return boundary


class _Form:
    """What has come of the form so far."""

    def __init__(self, boundary: bytes, limits: LimitConfig, config: UploadConfig) -> None:
        self._limits = limits
        self._config = config
        self._fields: dict[str, bytearray] = {}
        self._files: dict[str, UploadedFile] = {}
        self._header = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._field: bytearray | None = None
        self._file: UploadedFile | None = None
        self._is_ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_end": self._on_end,
            },
        )

    def feed(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _refusal("The body is not a form as its content type says") from error

    def upload(self) -> Upload:
        """Put the files where the map says."""
        if not self._is_ended or "operations" not in self._fields or "map" not in self._fields:
            raise _refusal("A request with files is a form with 'operations', 'map' and the files")
        operations = json_from_bytes(bytes(self._fields["operations"]), "The field 'operations'")
        try:
            places = msgspec.json.decode(self._fields["map"], type=dict[str, list[str]])
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise _refusal("The field 'map' is not an object of lists of paths") from error
        for name, paths in places.items():
            file = self._files.get(name)
            if file is None:
                raise _refusal(f"The field 'map' names a file that did not come: {name[:40]!r}")
            for path in paths:
                _put(operations, path, file)
        return Upload(operations, self._files)

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def _on_part_begin(self) -> None:
        self._headers = {}
        self._field = None
        self._file = None

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = b""
        self._value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode(errors="replace")
        if len(name) > NAME_CHARACTERS_MAX:
            raise _refusal("A field's name is too long")
        if name in {"operations", "map"} and name not in self._fields:
            self._field = bytearray()
            self._fields[name] = self._field
            return
        if "map" not in self._fields or name in self._files or not name:
            raise _refusal("The form has to have 'operations', then 'map', then each file once")
        if len(self._files) >= self._config.files_max:
            code = codes.FILE_UPLOADS_LIMITS_MAX_FILES_EXCEEDED
            raise ClientError(code, f"Over {self._config.files_max} files in one request")
        filename = options.get(b"filename", b"").decode(errors="replace")[:NAME_CHARACTERS_MAX]
        self._file = UploadedFile(filename, self._type())
        self._files[name] = self._file

    def _type(self) -> str:
        given = self._headers.get(b"content-type", b"").decode("latin-1")
        is_usable = given.isprintable() and 0 < len(given) <= NAME_CHARACTERS_MAX
        return given if is_usable and given.isascii() else DEFAULT_TYPE

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            self._field += data[start:end]
            if len(self._field) > self._limits.body_bytes:
                message = f"A field is larger than {self._limits.body_bytes} bytes"
                raise ClientError(codes.REQUEST_TOO_LARGE, message)
        elif self._file is not None:
            self._file.write(data[start:end])
            if self._file.size > self._config.file_bytes_max:
                code = codes.FILE_UPLOADS_LIMITS_MAX_FILE_SIZE_EXCEEDED
                raise ClientError(code, f"A file is over {self._config.file_bytes_max} bytes")

    def _on_end(self) -> None:
        self._is_ended = True


def _put(operations: Any, path: str, file: UploadedFile) -> None:
    """Put a file in the place of the null at a path, such as "variables.files.0"."""
    first, *steps = path.split(".")
    place: Any = operations.get(first) if isinstance(operations, dict) else None
    for number, step in enumerate(steps, 1):
        key: Any = int(step) if isinstance(place, list) and step.isdecimal() else step
        if first != "variables" or not _has(place, key):
            break
        if number == len(steps) and place[key] is None:
            place[key] = file
            return
        place = place[key]
    raise _refusal(f"The field 'map' names no null of the variables: {path[:80]!r}")


def _has(place: Any, key: Any) -> bool:
    if isinstance(place, dict):
        return key in place
    return isinstance(place, list) and isinstance(key, int) and key < len(place)


def _refusal(message: str) -> ClientError:
    return ClientError(codes.INVALID_GRAPHQL_REQUEST, message)
