"""Read supergraphs of join v0.1, which Federation 1 composed (https://specs.apollo.dev/join/v0.1).

That version says less. A value type carries no join directive: every subgraph has it. An entity's
field names the one subgraph that resolves it, and a key's fields name the owner alone, though each
subgraph with the key has them.
"""

from collections.abc import Mapping
from dataclasses import replace

from supergraph.federation.field_set import parse_field_set
from supergraph.federation.sdl.nodes import Document, SchemaDefinition
from supergraph.federation.supergraph_records import FieldJoin, TypeState
from supergraph.names import SubgraphName, TypeName

__all__ = ["is_first_join", "with_key_fields"]

_URL = "https://specs.apollo.dev/join/v0.1"


def is_first_join(document: Document) -> bool:
    """Whether the supergraph links join v0.1."""
    return any(
        argument.value == _URL
        for node in document.definitions
        if isinstance(node, SchemaDefinition)
        for directive in node.directives
        for argument in directive.arguments
    )


def with_key_fields(types: Mapping[TypeName, TypeState]) -> dict[TypeName, TypeState]:
    """The types with each key's fields in every subgraph that has the key."""
    return {name: _with_own_keys(state) for name, state in types.items()}


def _with_own_keys(state: TypeState) -> TypeState:
    holders: dict[str, set[SubgraphName]] = {}
    for subgraph, join in state.joins.items():
        for key in join.keys:
            for selection in parse_field_set(key.fields):
                holders.setdefault(selection.field or "", set()).add(subgraph)
    fields = dict(state.fields)
    for name in holders.keys() & fields.keys():
        field = fields[name]
        plain = FieldJoin(field.type_name, field.wrappers, False, None, None, None)
        joins = dict.fromkeys(sorted(holders[name]), plain) | dict(field.joins)
        fields[name] = replace(field, joins=joins)
    return replace(state, fields=fields)
