"""From a document's text to its tokens, by one regular expression.

A token is its text. The expression takes more for a token than the grammar does: a number with
letters in it, a string without an end, any character that GraphQL does not know. So every character
is part of a token or ignored, and whoever reads a token decides whether it is one. No repetition
gives back what it took, which keeps the time linear on any text.
See https://spec.graphql.org/September2025/#sec-Language.Source-Text.
"""

import re
from itertools import islice

from graphql import GraphQLSyntaxError, Source

from supergraph.document.doubt import DoubtError

__all__ = ["token_start", "tokenize"]

_TOKEN = re.compile(
    r"""
    (?: [ \t\n\r,\ufeff]++ | \#[^\n\r]*+ )*+
    (
        [_A-Za-z][_0-9A-Za-z]*+
      | [{}():@!$=\[\]]
      | \.\.\.
      | [-0-9][-+.0-9A-Z_a-z]*+
      | \"{3} (?: [^"\\]++ | \\(?:"{3})? | "(?!"") )*+ (?:"{3})?
      | " (?: [^"\\\n\r]++ | \\[^\n\r] )*+ "?
      | [\s\S]
      | \Z
    )""",
    re.VERBOSE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def tokenize(text: str, tokens_max: int) -> list[str]:
    """The texts of a document's tokens, with two empty ones at the end, to look ahead from any.

    Raises `GraphQLSyntaxError` for more tokens than the maximum, whatever else is wrong with them.
    """
    # Surrogates may form a character in pairs, and comments have a limit of their own.
    if text.count("#") > tokens_max or (not text.isascii() and _SURROGATE.search(text)):
        raise DoubtError
    tokens: list[str]
    if len(text) > tokens_max:  # there may be too many, of which only so many shall be kept
        tokens = [match[1] for match in islice(_TOKEN.finditer(text), tokens_max + 3)]
    else:
        tokens = _TOKEN.findall(text)
    # The expression matches at the end once, or twice when something ignored stands before it.
    if len(tokens) == 1 or tokens[-2]:
        tokens.append("")
    if len(tokens) - 2 > tokens_max:
        raise GraphQLSyntaxError(
            Source(text),
            token_start(text, tokens_max),
            f"Document contains more than {tokens_max} tokens. Parsing aborted.",
        )
    return tokens


def token_start(text: str, number: int) -> int:
    """Where the token of a number (from 0) begins."""
    match = next(islice(_TOKEN.finditer(text), number, None))
    return match.start(1)
