"""The value of a string token.

See https://spec.graphql.org/September2025/#sec-String-Value.
"""

import re

from graphql.language.block_string import dedent_block_string_lines

__all__ = ["string_value"]

_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/"}
_HEX = "[0-9A-Fa-f]"
_ESCAPE = re.compile(
    rf"""\\(?:
        u(?P<lead>[Dd][89ABab]{_HEX}{{2}})\\u(?P<trail>[Dd][C-Fc-f]{_HEX}{{2}})
      | u(?P<fixed>(?![Dd][89A-Fa-f]){_HEX}{{4}})
      | u\{{(?P<braced>{_HEX}{{1,8}})\}}
      | (?P<plain>["\\/bfnrt])
      | (?P<wrong>)
    )""",
    re.VERBOSE,
)
_LINE_BREAK = re.compile("\r\n|\n|\r")


def string_value(token: str) -> str | None:
    """The value of a string token; None when it has no end or a wrong escape in it."""
    if token.startswith('"""'):
        # One without an end reaches to the end of the document, which no document ends with.
        return _block_value(token[3:-3])
    if "\\" not in token:
        return token[1:-1] if len(token) > 1 and token.endswith('"') else None
    if not _is_closed(token):
        return None
    try:
        return _ESCAPE.sub(_unescape, token[1:-1])
    except ValueError:
        return None


def _block_value(raw: str) -> str:
    lines = _LINE_BREAK.split(raw.replace('\\"""', '"""'))
    return "\n".join(dedent_block_string_lines(lines))


def _is_closed(token: str) -> bool:
    """Whether the last character is a quote that no backslash escapes."""
    body = token[1:-1]
    backslashes = len(body) - len(body.rstrip("\\"))
    return token.endswith('"') and backslashes % 2 == 0


def _unescape(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "plain":
        return _ESCAPED[match["plain"]]
    if kind == "trail":
        lead, trail = int(match["lead"], 16), int(match["trail"], 16)
        return chr(0x10000 + ((lead - 0xD800) << 10) + (trail - 0xDC00))
    if kind == "fixed":
        return chr(int(match["fixed"], 16))
    if kind == "braced":
        point = int(match["braced"], 16)
        if point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF:
            return chr(point)
    raise ValueError(match[0])
