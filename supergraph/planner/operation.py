"""Normalized selections: what an operation, a key or a `@requires` asks for, in one form."""

from dataclasses import dataclass, field
from typing import TypeAlias

from graphql import ArgumentNode, VariableDefinitionNode

from supergraph.names import TypeName

__all__ = [
    "NO_CONDITIONS",
    "Condition",
    "Conditions",
    "Deferral",
    "Field",
    "Fragment",
    "NormalizedOperation",
    "Selection",
    "Selections",
    "Streaming",
    "has_streams",
]


@dataclass(frozen=True, slots=True, order=True)
class Condition:
    """`@include(if: $variable)` when `includes`, else `@skip(if: $variable)`."""

    variable: str
    includes: bool


#: All of them must hold for the selection to count.
Conditions: TypeAlias = frozenset[Condition]
NO_CONDITIONS: Conditions = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Deferral:
    """`@defer` at one place of an operation, under `variable` if it depends on one.

    `narrows` says that the fragment is for some of the types only that a value there can have.
    """

    label: str | None
    variable: str | None
    narrows: bool


@dataclass(frozen=True, slots=True)
class Streaming:
    """`@stream` on a list field: the arguments as they were sent."""

    arguments: tuple[ArgumentNode, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field with everything selected below it.

    `signature` is the canonical text of the arguments: two fields are the same call when name and
    signature agree. Compared by identity, so that solutions can be memoised per field. An
    `internal` field is the planner's own, beside what the client asks for: its response key is
    whatever is free in the end. `streaming` is nothing to the planner: a list is fetched whole.
    """

    name: str
    response_key: str
    arguments: tuple[ArgumentNode, ...] = ()
    signature: str = ""
    conditions: Conditions = NO_CONDITIONS
    selections: "Selections" = ()
    internal: bool = False
    streaming: Streaming | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """Selections that count only for values of a type, and that may come later with `@defer`."""

    type_condition: TypeName
    selections: "Selections"
    conditions: Conditions = NO_CONDITIONS
    deferral: Deferral | None = None


Selection: TypeAlias = Field | Fragment
Selections: TypeAlias = tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class NormalizedOperation:
    """An operation with its fragments inlined and its duplicates merged.

    Literal `@skip` and `@include` are decided already; the others stay as conditions.
    """

    kind: str
    name: str | None
    root_type: TypeName
    selections: Selections
    variables: dict[str, VariableDefinitionNode] = field(default_factory=dict)


def has_streams(operation: NormalizedOperation) -> bool:
    """Whether some list of a query or mutation may come in parts, for some value of variables."""
    return operation.kind != "subscription" and _have_streams(operation.selections)


def _have_streams(selections: Selections) -> bool:
    return any(
        (isinstance(selection, Field) and selection.streaming is not None)
        or _have_streams(selection.selections)
        for selection in selections
    )
