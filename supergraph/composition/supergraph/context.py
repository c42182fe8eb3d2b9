"""What the mergers share: the subgraphs in their order, the schema being made, what was found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from supergraph.composition.result import CompositionError, CompositionHint, Location
from supergraph.composition.schema.model import Element, Schema, TypeKind
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT
from supergraph.federation.values import EnumValue

__all__ = ["MergeContext", "Source", "names_of"]

ElementT = TypeVar("ElementT", bound=Element)


class Source(NamedTuple, Generic[ElementT]):
    """One subgraph's version of an element."""

    state: SubgraphState
    element: ElementT


@dataclass(slots=True)
class MergeContext:
    """One composition under way.

    `subgraphs` are sorted by name: everything that depends on an order depends on this one, so
    that the result does not depend on the order in which the subgraphs were given.
    """

    subgraphs: Sequence[SubgraphState]
    graph_values: dict[str, str]
    schema: Schema = field(default_factory=Schema)
    errors: list[CompositionError] = field(default_factory=list)
    hints: list[CompositionHint] = field(default_factory=list)
    #: Directives of the subgraphs' own that are composed, with the subgraphs that asked for it.
    composed_directives: dict[str, set[str]] = field(default_factory=dict)

    #: The subgraphs that have an interface object, by the interface's name.
    interface_objects: dict[str, list[SubgraphState]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for state in self.subgraphs:
            for definition in state.schema.of_kind(TypeKind.OBJECT):
                if definition.has(INTERFACE_OBJECT.name):
                    self.interface_objects.setdefault(definition.name, []).append(state)

    def graph(self, state: SubgraphState) -> EnumValue:
        """The subgraph's value of the enum join__Graph."""
        return EnumValue(self.graph_values[state.name])

    def error(
        self, definition: ErrorCode, message: str, sources: Iterable[Source[ElementT]]
    ) -> None:
        """Report an error with the places of the given sources."""
        names, places = _parts(sources)
        self.errors.append(CompositionError(definition, message, names, places))

    def hint(
        self, definition: ErrorCode, message: str, sources: Iterable[Source[ElementT]]
    ) -> None:
        """Report a hint with the places of the given sources."""
        names, places = _parts(sources)
        self.hints.append(CompositionHint(definition, message, names, places))

    def is_named_subtype(self, sub: str, of: str) -> bool:
        """Whether the merged schema makes `sub` a member or implementation of `of`."""
        return self.schema.is_subtype(sub, of)


def names_of(states: Iterable[SubgraphState]) -> str:
    """The subgraphs' names, quoted, as a phrase."""
    quoted = [f'"{state.name}"' for state in states]
    if len(quoted) < 2:
        return "".join(quoted)
    return ", ".join(quoted[:-1]) + " and " + quoted[-1]


def _parts(
    sources: Iterable[Source[ElementT]],
) -> tuple[tuple[str, ...], tuple[Location, ...]]:
    names: list[str] = []
    places: list[Location] = []
    for state, element in sources:
        if state.name not in names:
            names.append(state.name)
        places += state.location(element.position)
    return tuple(names), tuple(places)
