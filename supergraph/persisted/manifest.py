"""Trusted documents: the manifests that a client's build writes.

Two forms are read, which between them cover the tools in use: Apollo's persisted query manifest
(https://www.apollographql.com/docs/react/data/persisted-queries), and an object of texts by id, as
Relay and graphql-codegen write it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from supergraph.error_codes import runtime as codes
from supergraph.errors import SupergraphError

__all__ = ["read_manifests"]

FORMAT = "apollo-persisted-query-manifest"
VERSION = 1
#: Of all manifests of a folder together; they are kept in memory.
MANIFEST_BYTES_MAX = 100_000_000


class _Operation(msgspec.Struct):
    id: str
    body: str


class _Manifest(msgspec.Struct):
    format: str
    version: int
    operations: list[_Operation]


def read_manifests(folder: Path) -> Mapping[str, str]:
    """The documents of every `*.json` in a folder, by id.

    Raises `SupergraphError` with CONFIG_INVALID for a file that is no manifest, for two documents
    of one id, and for a folder without any; CONFIG_UNREADABLE when it cannot be read.
    """
    documents: dict[str, str] = {}
    try:
        files = sorted(folder.glob("*.json"))
        if sum(file.stat().st_size for file in files) > MANIFEST_BYTES_MAX:
            raise _invalid(folder, f"its manifests have more than {MANIFEST_BYTES_MAX} bytes")
        contents = {file: file.read_bytes() for file in files}
    except OSError as error:
        raise SupergraphError(
            codes.CONFIG_UNREADABLE, f"{folder}: {error.strerror or error}"
        ) from error
    if not files:
        raise _invalid(folder, "no manifest (*.json) is in it")
    for file, content in contents.items():
        for id_, text in _read(file, content):
            if documents.setdefault(id_, text) != text:
                raise _invalid(file, f"the id {id_!r} stands for two documents")
    return documents


def _read(file: Path, content: bytes) -> Iterator[tuple[str, str]]:
    try:
        try:
            manifest = msgspec.json.decode(content, type=_Manifest)
        except msgspec.ValidationError:
            yield from msgspec.json.decode(content, type=dict[str, str]).items()
            return
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _invalid(file, f"it is no manifest: {error}") from error
    if (manifest.format, manifest.version) != (FORMAT, VERSION):
        raise _invalid(file, f"its format is not {FORMAT}, version {VERSION}")
    for operation in manifest.operations:
        yield operation.id, operation.body


def _invalid(where: Path, why: str) -> SupergraphError:
    return SupergraphError(codes.CONFIG_INVALID, f"{where}: {why}")
