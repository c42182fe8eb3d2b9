"""Composition errors as people read them: what is wrong, and the lines it is about.

error FIELD_TYPE_MISMATCH: The types of "Product.price" cannot be reconciled: ...
  --> products.graphql:5:3 in subgraph "products"
    5 |   price: Int
      |   ^^^^^
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import typer

from supergraph.composition.result import CompositionError, CompositionHint, Location

__all__ = ["FrameSource", "frames", "wants_colour"]

#: Of a longer line (SDL printed on one line) only the part around the place is shown.
_LINE_CHARACTERS_MAX = 120
_TOKEN = re.compile(r"@?\w+|.")


@dataclass(frozen=True, slots=True)
class FrameSource:
    """Where a subgraph's SDL is from (a path, or the subgraph's name), and its lines."""

    place: str
    lines: Sequence[str]


def wants_colour(stream: IO[str]) -> bool:
    """Whether somebody looks at the stream on a terminal and has not asked for no colours."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def frames(
    problem: CompositionError | CompositionHint,
    sources: Mapping[str, FrameSource],
    *,
    colour: bool,
) -> str:
    """The problem's message, and one frame for each place it has."""
    if isinstance(problem, CompositionError):
        head = _painted(f"error {problem.code}:", typer.colors.RED, colour)
    else:
        head = _painted(f"warning {problem.code}:", typer.colors.YELLOW, colour)
    lines = [f"{head} {problem.message}"]
    for location in problem.locations:
        lines += _frame(location, sources[location.subgraph], colour=colour)
    return "\n".join(lines)


def _frame(location: Location, source: FrameSource, *, colour: bool) -> Iterator[str]:
    arrow = _painted("-->", typer.colors.BLUE, colour)
    in_subgraph = "" if source.place == location.subgraph else f' in subgraph "{location.subgraph}"'
    yield f"  {arrow} {source.place}:{location.line}:{location.column}{in_subgraph}"
    if location.line > len(source.lines):
        return
    text, column = _cropped(source.lines[location.line - 1], location.column - 1)
    token = _TOKEN.match(text, column)
    marks = "^" * (len(token[0]) if token else 1)
    # Tabs stay tabs, so that the marks stand under the token however wide a tab is shown.
    indent = re.sub(r"[^\t]", " ", text[:column])
    gutter = _painted("|", typer.colors.BLUE, colour)
    yield f"  {location.line:>5} {gutter} {text}"
    yield f"        {gutter} {indent}{_painted(marks, typer.colors.RED, colour)}"


def _cropped(text: str, column: int) -> tuple[str, int]:
    if len(text) <= _LINE_CHARACTERS_MAX:
        return text, column
    start = max(0, column - _LINE_CHARACTERS_MAX // 2)
    return text[start : start + _LINE_CHARACTERS_MAX], column - start


def _painted(text: str, colour_name: str, wanted: bool) -> str:
    return typer.style(text, fg=colour_name, bold=True) if wanted else text
