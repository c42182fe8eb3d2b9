"""From SDL text to its tokens, by one regular expression.

A token is its text: the first character tells its kind. The expression finds everything that is a
token, so what stands between tokens must be white space, or the text is no GraphQL. Its repetitions
never give back what they took (`++`, `*+`), and a string without an end is a token too, reaching as
far as a string can; both keep the time linear on any text.
See https://spec.graphql.org/September2025/#sec-Language.Source-Text.
"""

import re
from collections.abc import Sequence
from itertools import accumulate, compress
from typing import NamedTuple

from supergraph.federation.sdl.errors import SdlError, SdlSyntaxError

__all__ = ["Tokens", "line_starts", "tokenize"]

_TOKEN = re.compile(
    r"""(
        [_A-Za-z][_0-9A-Za-z]*+
      | [!$&():=@\[\]{|}]
      | \"{3} (?: [^"\\]++ | \\(?:"{3})? | "(?!"") )*+ (?:"{3})?
      | " (?: [^"\\\n\r]++ | \\[^\n\r] )*+ "?
      | -? (?:0|[1-9][0-9]*+) (?:\.[0-9]++)? (?:[eE][+-]?[0-9]++)? (?![.0-9A-Za-z_])
      | \.\.\.
      | \#[^\n\r]*+
    )""",
    re.VERBOSE,
)
_IGNORED = re.compile("[ \t\n\r,\ufeff]*")
_LINE_BREAK = re.compile("\r\n|\n|\r")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Tokens(NamedTuple):
    """The texts of a document's tokens, comments left out, and where each begins.

    An empty text ends the sequence, so that a parser may always look at the next one.
    """

    texts: Sequence[str]
    offsets: Sequence[int]


def tokenize(text: str, tokens_max: int) -> Tokens:
    """Cut the text into tokens; raises `SdlError` at what is none.

    More tokens than the maximum are refused before they are kept.
    """
    if len(text) > tokens_max and sum(1 for _ in _TOKEN.finditer(text)) > tokens_max:
        raise SdlSyntaxError(f"The document has more than {tokens_max} tokens.", 1, 1)
    if not text.isascii() and (surrogate := _SURROGATE.search(text)):
        raise SdlError("A lone surrogate is no character.", surrogate.start())
    # Token texts at odd places, what stands between them at even ones.
    pieces = _TOKEN.split(text)
    offsets = list(accumulate(map(len, pieces), initial=0))
    _refuse_unknown(pieces, offsets)
    texts, starts = pieces[1::2], offsets[1:-1:2]
    if "#" in text:
        kept = [not piece.startswith("#") for piece in texts]
        texts, starts = list(compress(texts, kept)), list(compress(starts, kept))
    texts.append("")
    starts.append(len(text))
    return Tokens(texts, starts)


def line_starts(text: str) -> list[int]:
    """The offset of the first character of each line."""
    return [0, *(match.end() for match in _LINE_BREAK.finditer(text))]


def _refuse_unknown(pieces: Sequence[str], offsets: Sequence[int]) -> None:
    unknown = {piece for piece in set(pieces[::2]) if not _IGNORED.fullmatch(piece)}
    if not unknown:
        return
    index = next(index for index in range(0, len(pieces), 2) if pieces[index] in unknown)
    ignored = _IGNORED.match(pieces[index])
    raise SdlError(
        "There is a character that GraphQL does not know.",
        offsets[index] + (ignored.end() if ignored else 0),
    )
