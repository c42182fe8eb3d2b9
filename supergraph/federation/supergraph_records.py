"""The records a supergraph is read into: which subgraph has which type, field, key and value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from supergraph.federation.sdl.nodes import Document
from supergraph.names import SubgraphName, TypeName

__all__ = [
    "ContextArgument",
    "FieldJoin",
    "FieldState",
    "KeyState",
    "SupergraphState",
    "TypeJoin",
    "TypeKind",
    "TypeState",
]


class TypeKind(Enum):
    """The six kinds of named types."""

    OBJECT = "object"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    SCALAR = "scalar"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class KeyState:
    """One `@key` of a type in one subgraph; only a resolvable one can be entered by."""

    fields: str
    resolvable: bool


@dataclass(frozen=True, slots=True)
class TypeJoin:
    """How one subgraph takes part in a type."""

    keys: tuple[KeyState, ...]
    is_interface_object: bool


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """An argument that clients do not give: its value is read from a context (`@fromContext`).

    `selection` is a field set on the types that set the context; it comes to one value.
    """

    name: str
    type: str
    context: str
    selection: str


@dataclass(frozen=True, slots=True)
class FieldJoin:
    """How one subgraph takes part in a field.

    `type_name` and `wrappers` (lists and non-nulls: "[!]!") are the field's type as that subgraph
    declares it, which may be a subtype of the supergraph's. An external field is known to the
    subgraph, not resolved by it. With an `override_label`, `external` holds while the label is
    inactive, and `external_when_active` while it is active.
    """

    type_name: TypeName
    wrappers: str
    external: bool
    requires: str | None
    provides: str | None
    override_label: str | None
    external_when_active: bool = False
    context_arguments: tuple[ContextArgument, ...] = ()

    @property
    def needs_entry(self) -> bool:
        """Whether the subgraph must be entered for the field, with something from outside.

        That is what representations carry for `@requires`, or arguments read from contexts.
        """
        return bool(self.requires or self.context_arguments)


@dataclass(frozen=True, slots=True)
class FieldState:
    """A field of the supergraph and its form in each subgraph that has it."""

    name: str
    type_name: TypeName
    wrappers: str
    joins: Mapping[SubgraphName, FieldJoin]


@dataclass(frozen=True, slots=True)
class TypeState:
    """A named type of the supergraph and its form in each subgraph that has it.

    `interfaces` and `members` are per subgraph: a subgraph may know fewer of them than the whole.
    """

    name: TypeName
    kind: TypeKind
    joins: Mapping[SubgraphName, TypeJoin]
    fields: Mapping[str, FieldState] = field(default_factory=dict)
    interfaces: Mapping[SubgraphName, frozenset[TypeName]] = field(default_factory=dict)
    members: Mapping[SubgraphName, frozenset[TypeName]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SupergraphState:
    """A whole supergraph. `roots` maps "query", "mutation", "subscription" to type names.

    `contexts` names the types that set each context; an abstract one stands for its objects.
    """

    document: Document
    subgraphs: Mapping[SubgraphName, str]
    types: Mapping[TypeName, TypeState]
    roots: Mapping[str, TypeName]
    contexts: Mapping[str, frozenset[TypeName]] = field(default_factory=dict)
