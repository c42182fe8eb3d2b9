"""The body and headers of a request to a subgraph, the same for every transport with a wire."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, TypeAlias

import msgspec
import orjson

from supergraph.error_codes import runtime as codes
from supergraph.names import SubgraphName
from supergraph.traffic.failure import failure
from supergraph.traffic.forwarding import forwardable
from supergraph.traffic.transport import SubgraphRequest
from supergraph.traffic.uploads import UploadedFile, multipart_body, without_files

__all__ = [
    "OWN_HEADERS",
    "CarriesFilesError",
    "RequestBody",
    "encode_request",
    "refuse_files",
    "request_headers",
]

#: JSON as a whole, or a form part by part.
RequestBody: TypeAlias = bytes | AsyncGenerator[bytes, None]

#: What every request over HTTP carries.
OWN_HEADERS = {
    "accept": "application/graphql-response+json, application/json",
    "content-type": "application/json",
}
_encode_exactly = msgspec.json.Encoder().encode


def encode_request(
    request: SubgraphRequest,
    service_name: SubgraphName,
    extensions: Mapping[str, Any] | None = None,
) -> bytes:
    """The JSON body (https://graphql.github.io/graphql-over-http/draft/#sec-Request-Parameters).

    Raises UNSENDABLE_VALUE when variables, a client's or a representation, cannot be written, and
    `CarriesFilesError` when there are files among them.
    """
    body: dict[str, object] = {"query": request.query}
    if request.operation_name is not None:
        body["operationName"] = request.operation_name
    if request.variables:
        body["variables"] = request.variables
    if extensions is not None:
        body["extensions"] = extensions
    try:
        return orjson.dumps(body)
    except TypeError:  # an integer over 64 bits, or a file
        pass
    try:
        variables, files = without_files(request.variables)
        if not files:
            return _encode_exactly(body)
        form = CarriesFilesError(_encode_exactly(body | {"variables": variables}), files)
    except (RecursionError, UnicodeEncodeError) as error:
        raise failure(
            service_name, codes.UNSENDABLE_VALUE, "was not asked: a value cannot be written as JSON"
        ) from error
    raise form


class CarriesFilesError(Exception):
    """The request is a form: `operations`, its JSON without the files, and these."""

    def __init__(self, operations: bytes, files: list[tuple[str, UploadedFile]]) -> None:
        super().__init__(f"{len(files)} files")
        self.operations = operations
        self.files = files

    def form(self) -> tuple[dict[str, str], AsyncGenerator[bytes, None]]:
        """The headers and the body that are sent."""
        content_type, body = multipart_body(self.operations, self.files)
        # A form is a request that browsers send without asking: subgraphs want to see a header.
        own = {"content-type": content_type, "apollo-require-preflight": "true"}
        return OWN_HEADERS | own, body


def refuse_files(request: SubgraphRequest, service_name: SubgraphName) -> None:
    """Raise UPLOAD_NOT_SUPPORTED for files among the variables, where no form can be sent."""
    if without_files(request.variables)[1]:
        raise failure(
            service_name, codes.UPLOAD_NOT_SUPPORTED, "is asked in a way that can carry no files"
        )


def request_headers(request: SubgraphRequest) -> dict[str, str]:
    """The forwarded headers and our own."""
    return {**forwardable(request.headers), **OWN_HEADERS}
