"""Content codings of HTTP bodies: answers that are compressed, requests that come compressed.

https://www.rfc-editor.org/rfc/rfc9110#section-8.4. Answers that come in parts are sent as they are:
a part has to arrive when it is written.
"""

import asyncio
import zlib
from collections.abc import Callable, Mapping

import brotli
import zstandard

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.server.answer import Answer
from supergraph.server.negotiation import CODINGS, Coding, accepted_coding

__all__ = ["compressed", "decompressed"]

_LEVELS: Mapping[Coding, int] = {"zstd": 3, "br": 4, "gzip": 4}
#: From this size on the work is done in a thread; all of these let go of the interpreter's lock.
THREAD_BYTES = 262_144
_GZIP = 16 + zlib.MAX_WBITS
_VARY = (b"vary", b"accept-encoding")


async def compressed(answer: Answer, accept_encoding: bytes) -> Answer:
    """The answer in the coding that the client likes best, if it takes one."""
    body, headers = answer.body, (*answer.headers, _VARY)
    coding = accepted_coding(accept_encoding)
    if coding is not None:
        compress = _COMPRESS[coding]
        if len(body) < THREAD_BYTES:
            body = compress(body)
        else:
            body = await asyncio.to_thread(compress, body)
        headers += ((b"content-encoding", coding.encode("ascii")),)
    return Answer(body, answer.content_type, answer.status, headers)


def decompressed(body: bytes, coding: bytes, bytes_max: int) -> bytes:
    """A request's body without its coding.

    Raises `ClientError` for a coding that is not understood, broken data, and more bytes than the
    body may have.
    """
    name = coding.strip().lower().decode("latin-1")
    if name in {"", "identity"}:
        return body
    decompress = _DECOMPRESS.get(name)
    if decompress is None:
        raise ClientError(
            codes.INVALID_CONTENT_TYPE_HEADER,
            f"A body may be compressed by {', '.join(CODINGS)}, not by {name[:40]!r}",
        )
    try:
        whole = decompress(body, bytes_max + 1)
    except (zlib.error, brotli.error, zstandard.ZstdError, ValueError) as error:
        raise ClientError(
            codes.INVALID_GRAPHQL_REQUEST, "The body is not compressed as its head says"
        ) from error
    if len(whole) > bytes_max:
        message = f"The request's body is larger than {bytes_max} bytes"
        raise ClientError(codes.REQUEST_TOO_LARGE, message)
    return whole


def _gzip(body: bytes) -> bytes:
    coder = zlib.compressobj(_LEVELS["gzip"], zlib.DEFLATED, _GZIP)
    return coder.compress(body) + coder.flush()


def _brotli(body: bytes) -> bytes:
    result: bytes = brotli.compress(body, quality=_LEVELS["br"])
    return result


def _zstandard(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_LEVELS["zstd"]).compress(body)


def _from_gzip(body: bytes, bytes_max: int) -> bytes:
    coder = zlib.decompressobj(_GZIP)
    whole = coder.decompress(body, bytes_max)
    if len(whole) < bytes_max and (not coder.eof or coder.unused_data):
        raise ValueError("the data ends too early or too late")
    return whole


def _from_brotli(body: bytes, bytes_max: int) -> bytes:
    coder = brotli.Decompressor()
    whole: bytes = coder.process(body, output_buffer_limit=bytes_max)
    if len(whole) < bytes_max and not coder.is_finished():
        raise ValueError("the data ends too early")
    return whole


def _from_zstandard(body: bytes, bytes_max: int) -> bytes:
    with zstandard.ZstdDecompressor(max_window_size=2**23).stream_reader(body) as reader:
        whole: bytes = reader.read(bytes_max)
    return whole


_COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": _gzip,
    "br": _brotli,
    "zstd": _zstandard,
}
_DECOMPRESS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _from_gzip,
    "x-gzip": _from_gzip,
    "br": _from_brotli,
    "zstd": _from_zstandard,
}
