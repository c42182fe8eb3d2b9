"""A subgraph as composition works on it: its schema, its links, and how its fields are used."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from supergraph.composition.result import CompositionError, Location
from supergraph.composition.schema.model import Position, Schema
from supergraph.composition.subgraph.field_usage import FieldUsage
from supergraph.error_codes.registry import ErrorCode
from supergraph.federation.link import Link
from supergraph.federation.versions import Version

__all__ = ["SubgraphLink", "SubgraphState"]


@dataclass(frozen=True, slots=True)
class SubgraphLink:
    """A link of a subgraph, and where it stands."""

    link: Link
    position: Position | None


@dataclass(slots=True)
class SubgraphState:
    """One subgraph.

    `version` is the federation version it is written in. Inside `schema`, root types have their
    default names and federation directives their full names (`federation__key`), whatever the
    subgraph calls them. `usage` is computed by the builder and again after an upgrade.
    """

    name: str
    url: str
    version: Version
    schema: Schema
    usage: FieldUsage
    links: list[SubgraphLink] = field(default_factory=list)
    #: Original names of renamed root types, by operation.
    root_names: dict[str, str] = field(default_factory=dict)
    #: Local names of federation directives, by short name: how messages must spell them.
    local_directive_names: dict[str, str] = field(default_factory=dict)
    #: Interfaces whose keys an upgrade from federation 1 has removed.
    dropped_interface_keys: set[str] = field(default_factory=set)

    @property
    def is_federation_1(self) -> bool:
        """Whether the subgraph was written without a link to federation 2."""
        return self.version.major == 1

    def location(self, position: Position | None) -> tuple[Location, ...]:
        """The place as errors carry it; empty when the element was not written by anybody."""
        if position is None:
            return ()
        return (Location(self.name, position.line, position.column),)

    def error(
        self, definition: ErrorCode, message: str, *positions: Position | None
    ) -> CompositionError:
        """An error that is this subgraph's alone; the message gets its name in front."""
        return CompositionError(
            definition, f"[{self.name}] {message}", (self.name,), self.locations(positions)
        )

    def locations(self, positions: Iterable[Position | None]) -> tuple[Location, ...]:
        """The places as errors carry them."""
        return tuple(
            Location(self.name, position.line, position.column)
            for position in positions
            if position is not None
        )
