"""Code frames: the place, the line, the marks, and colours only for people."""

import io

import pytest

from supergraph.cli.code_frame import FrameSource, frames, wants_colour
from supergraph.composition.result import CompositionError, CompositionHint, Location
from supergraph.error_codes import composition as codes
from supergraph.error_codes import hints


def frame(line: str, column: int, *, colour: bool = False, place: str = "a.graphql") -> str:
    error = CompositionError(codes.NO_QUERIES, "why: fix.", ("a",), (Location("a", 1, column),))
    return frames(error, {"a": FrameSource(place, [line])}, colour=colour)


def test_the_whole_token_is_marked() -> None:
    assert frame("  price: Int @tag", 3).splitlines() == [
        "error NO_QUERIES: why: fix.",
        '  --> a.graphql:1:3 in subgraph "a"',
        "      1 |   price: Int @tag",
        "        |   ^^^^^",
    ]
    assert frame("  price: Int @tag", 14).endswith("             ^^^^")


def test_tabs_keep_the_marks_in_place() -> None:
    assert frame("\tid: ID", 2).endswith("| \t^^")


def test_a_subgraph_without_a_file_is_named_once() -> None:
    assert "  --> a:1:1\n" in frame("x", 1, place="a")


def test_of_a_long_line_the_part_around_the_place_is_shown() -> None:
    shown = frame("x " * 500 + "price: Int " + "y " * 500, 1001).splitlines()
    assert len(shown[2]) < 140
    assert shown[2][shown[3].index("^") :].startswith("price")


def test_a_place_behind_the_last_line_has_no_code() -> None:
    error = CompositionError(codes.NO_QUERIES, "why", ("a",), (Location("a", 9, 1),))
    shown = frames(error, {"a": FrameSource("a.graphql", ["x"])}, colour=False)
    assert shown.endswith('a.graphql:9:1 in subgraph "a"')


def test_hints_are_warnings() -> None:
    hint = CompositionHint(hints.UNUSED_ENUM_TYPE, "why")
    assert frames(hint, {}, colour=False) == "warning UNUSED_ENUM_TYPE: why"


def test_colours_are_only_added_when_wanted() -> None:
    assert "\x1b[" not in frame("x", 1)
    assert "\x1b[31m\x1b[1merror NO_QUERIES:\x1b[0m" in frame("x", 1, colour=True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert wants_colour(Terminal())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())
