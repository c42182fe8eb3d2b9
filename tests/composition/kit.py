"""The one way composition is tested: SDL in, codes or supergraph SDL out.

A subgraph is given as SDL without its link; `FEDERATION` or another link is put in front, so that
a test shows only what it is about. SDL that begins with `extend schema` or is marked `fed1(...)`
is taken as it stands.
"""

import re
import textwrap
from collections.abc import Sequence

from supergraph.composition.compose import compose
from supergraph.composition.result import CompositionResult, Subgraph

__all__ = [
    "ALL_DIRECTIVES",
    "check_composition",
    "fed1",
    "line_shift",
    "link",
    "shown_sdl",
    "type_of",
]

ALL_DIRECTIVES = {
    0: ("key", "external", "requires", "provides", "extends", "shareable", "override", "tag"),
    1: ("composeDirective",),
    3: ("interfaceObject",),
    5: ("authenticated", "requiresScopes"),
    6: ("policy",),
    8: ("context", "fromContext"),
    9: ("cost", "listSize"),
    12: ("cacheTag",),
}


class _Verbatim(str):
    """SDL that gets no link."""

    __slots__ = ()


def fed1(sdl: str) -> str:
    return _Verbatim(sdl)


def link(minor: int, sdl: str) -> str:
    """The SDL with a link to federation v2.<minor> that imports everything that version has."""
    names = ["inaccessible"]
    names += [name for since, group in ALL_DIRECTIVES.items() if since <= minor for name in group]
    imports = ", ".join(f'"@{name}"' for name in names)
    url = f"https://specs.apollo.dev/federation/v2.{minor}"
    return _Verbatim(f'extend schema @link(url: "{url}", import: [{imports}])\n\n{sdl}')


def check_composition(
    subgraphs: dict[str, str],
    *,
    errors: Sequence[str] = (),
    says: Sequence[str] = (),
    at: Sequence[tuple[str, int, int]] | None = None,
    hints: Sequence[str] | None = None,
    version: int = 11,
) -> CompositionResult:
    """Compose and compare the set of codes; `says` are parts of the messages.

    `at` are expected locations, counted in the SDL as the test gives it.
    """
    given = [
        Subgraph(name, _with_link(sdl, version), f"http://{name}")
        for name, sdl in subgraphs.items()
    ]
    result = compose(given)
    assert sorted({error.code for error in result.errors}) == sorted(errors), [
        (error.code, error.message) for error in result.errors
    ]
    assert (result.supergraph_sdl is None) == bool(errors)
    text = "\n".join(error.message for error in result.errors)
    for part in says:
        assert part in text, text
    for error in result.errors:
        for name in error.subgraphs:
            assert name in subgraphs
    if at is not None:
        found = {
            (place.subgraph, place.line - line_shift(subgraphs[place.subgraph]), place.column)
            for error in result.errors
            for place in error.locations
        }
        assert found == set(at)
    if hints is not None:
        assert sorted({hint.code for hint in result.hints}) == sorted(hints)
    return result


def type_of(result: CompositionResult, name: str) -> str:
    """The definition of one type in the supergraph."""
    assert result.supergraph_sdl is not None, result.errors
    found = re.search(
        rf"^(?:type|interface|union|enum|input|scalar) {name}\b.*?(?=\n\n|\Z)",
        result.supergraph_sdl,
        re.MULTILINE | re.DOTALL,
    )
    assert found is not None, f"{name} is not in the supergraph"
    return found[0].strip()


def _with_link(sdl: str, version: int) -> str:
    body = sdl if isinstance(sdl, _Verbatim) else link(version, textwrap.dedent(sdl).strip())
    return str(body)


def shown_sdl(sdl: str) -> str:
    """The SDL as the test gives it, without the indentation of the test."""
    return str(sdl) if isinstance(sdl, _Verbatim) else textwrap.dedent(sdl).strip()


def line_shift(sdl: str) -> int:
    """How many lines the link in front takes."""
    return 0 if isinstance(sdl, _Verbatim) else 2
