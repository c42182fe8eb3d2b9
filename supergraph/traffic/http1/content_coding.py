"""Bodies that come compressed: gzip and deflate, never larger than the limit when unpacked."""

import zlib

from supergraph.traffic.http1.errors import AnswerTooLargeError, NotHttpError

__all__ = ["ACCEPTED_CODINGS", "decode_body"]

#: The value of Accept-Encoding, where compression is switched on.
ACCEPTED_CODINGS = "gzip, deflate"

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS


def decode_body(body: bytes, coding: bytes, bytes_max: int) -> bytes:
    """Undo a Content-Encoding.

    Raises `NotHttpError` for another coding or broken data, `AnswerTooLargeError` over the limit.
    """
    match coding.strip().lower():
        case b"" | b"identity":
            return body
        case b"gzip" | b"x-gzip":
            return _inflate(body, _GZIP, bytes_max)
        case b"deflate":
            return _inflate(body, _ZLIB if _is_zlib(body) else _RAW, bytes_max)
        case _:
            raise NotHttpError("the body is in a content coding that was not asked for")


def _inflate(body: bytes, window_bits: int, bytes_max: int) -> bytes:
    inflater = zlib.decompressobj(window_bits)
    try:
        inflated = inflater.decompress(body, bytes_max + 1)
    except zlib.error as error:
        raise NotHttpError("the body is not compressed as its head says") from error
    if len(inflated) > bytes_max:
        raise AnswerTooLargeError(f"over {bytes_max} bytes")
    if not inflater.eof or inflater.unused_data:
        raise NotHttpError("the body is not compressed as its head says")
    return inflated


def _is_zlib(body: bytes) -> bool:
    # "deflate" is the zlib format, but some servers send it without that format's two bytes:
    # https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2
    return len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
