"""Read an answer that came whole, in one segment, at a glance.

Nearly every answer of a subgraph is like that, and calling back for every part of it costs several
times what one regular expression does. It matches what any parser reads in the same way and leaves
everything else to the parser: other status codes, codings, a connection that ends, two lengths.
"""

import re
from typing import NamedTuple

__all__ = ["Answer", "read_whole_answer"]


class Answer(NamedTuple):
    """A final answer, its body decoded."""

    status: int
    body: bytes


# https://www.rfc-editor.org/rfc/rfc9110#section-5.5; what follows a repetition never begins like
# it, so that nothing is tried twice ("++" and "*+" say so).
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_LINE_END = rb"[\t\x20-\x7e\x80-\xff]*+\r\n"
#: A header that says nothing about the framing. Names that might begin with c, p, t or u, and are
#: looked at only then.
_OTHER_HEADERS = (
    rb"(?:[!#$%&'*+\-.^_`|~0-9ABD-OQRSV-Zabd-oqrsv-z]" + _TOKEN + rb"*+:" + _LINE_END + rb"|"
    rb"[Cc]onnection: keep-alive\r\n|"
    rb"(?!(?i:content-[^t]|connection|proxy-|transfer-|trailer|upgrade))"
    + _TOKEN + rb"++:" + _LINE_END + rb")*+"
)  # fmt: skip
_match = re.compile(
    rb"HTTP/1\.1 200 " + _LINE_END + _OTHER_HEADERS
    + rb"[Cc]ontent-[Ll]ength: ([0-9]{1,12})\r\n" + _OTHER_HEADERS + rb"\r\n"
).match  # fmt: skip


def read_whole_answer(data: bytes, head_bytes_max: int, body_bytes_max: int) -> Answer | None:
    """The answer that the bytes are, if they are exactly one that leaves its connection open.

    None says nothing: the parser has to read it.
    """
    match = _match(data)
    if match is None:
        return None
    head_bytes = match.end()
    length = int(match[1])
    if len(data) != head_bytes + length or head_bytes > head_bytes_max or length > body_bytes_max:
        return None
    return Answer(200, data[head_bytes:])
