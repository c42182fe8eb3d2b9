"""What goes into a composition and what comes out of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from supergraph.error_codes.registry import ErrorCode

__all__ = ["CompositionError", "CompositionHint", "CompositionResult", "Location", "Subgraph"]


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A subgraph as its owner hands it over: its name, its SDL and where it is reached."""

    name: str
    sdl: str
    url: str = ""


class Location(NamedTuple):
    """A place in a subgraph's SDL; lines and columns count from 1."""

    subgraph: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class CompositionError:
    """A violation that stops composition.

    `definition` is the entry of the code registry; `subgraphs` names every subgraph that has a
    part in it, and `locations` are the places to look at, in the order the message names them.
    """

    definition: ErrorCode
    message: str
    subgraphs: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()

    @property
    def code(self) -> str:
        """The code's name, as Apollo publishes it."""
        return self.definition.name


@dataclass(frozen=True, slots=True)
class CompositionHint:
    """A remark that does not stop composition."""

    definition: ErrorCode
    message: str
    subgraphs: tuple[str, ...] = ()
    locations: tuple[Location, ...] = ()

    @property
    def code(self) -> str:
        """The code's name, as Apollo publishes it."""
        return self.definition.name

    @property
    def level(self) -> str:
        """WARN, INFO or DEBUG."""
        return self.definition.level or "INFO"


@dataclass(frozen=True, slots=True)
class CompositionResult:
    """A supergraph SDL, or the errors that stand in its way; hints come with either."""

    supergraph_sdl: str | None
    errors: tuple[CompositionError, ...] = field(default=())
    hints: tuple[CompositionHint, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether there is a supergraph."""
        return self.supergraph_sdl is not None
