"""A supergraph SDL read into records: which subgraph has which type, field, key and value.

The join directives (https://specs.apollo.dev/join) say per type and field who owns what. They are
read once, here; everything behind (query graph, planner, satisfiability) asks these records and
never looks at the SDL again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from supergraph.error_codes import runtime as codes
from supergraph.errors import SupergraphError
from supergraph.federation.field_set import parse_field_set
from supergraph.federation.first_join import is_first_join, with_key_fields
from supergraph.federation.garbage import collection_paused
from supergraph.federation.sdl.errors import SdlSyntaxError
from supergraph.federation.sdl.nodes import (
    Directive,
    Document,
    FieldDefinition,
    Reference,
    SchemaDefinition,
    TypeDefinition,
    TypeKeyword,
)
from supergraph.federation.sdl.parse import parse_sdl
from supergraph.federation.supergraph_links import directive_name, links_of
from supergraph.federation.supergraph_records import (
    ContextArgument,
    FieldJoin,
    FieldState,
    KeyState,
    SupergraphState,
    TypeJoin,
    TypeKind,
    TypeState,
)
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
    "parse_supergraph",
]


def parse_supergraph(sdl: str) -> SupergraphState:
    """Read a supergraph SDL.

    Raises `SupergraphError` with INVALID_FEDERATION_SUPERGRAPH when it does not parse, carries no
    `join__Graph`, or names a subgraph that is not in it.
    """
    try:
        with collection_paused():
            return _read_supergraph(parse_sdl(sdl))
    except SdlSyntaxError as error:
        raise _invalid(f"it is not valid GraphQL: {error.message}") from error


def _read_supergraph(document: Document) -> SupergraphState:
    graphs = _read_graphs(document)
    names = {enum_value: name for enum_value, (name, _) in graphs.items()}
    is_first = is_first_join(document)
    # Join v0.1 says nothing of a value type: every subgraph has it.
    unsaid = dict.fromkeys(names.values(), TypeJoin((), False)) if is_first else {}
    types = {
        TypeName(node.name): _read_type(node, names, unsaid)
        for node in document.definitions
        if isinstance(node, TypeDefinition) and not node.is_extension and "__" not in node.name
    }
    return SupergraphState(
        document=document,
        subgraphs=dict(graphs.values()),
        types=with_key_fields(types) if is_first else types,
        roots=_read_roots(document, types),
        contexts=_read_contexts(document),
    )


def _invalid(why: str) -> SupergraphError:
    return SupergraphError(
        codes.INVALID_FEDERATION_SUPERGRAPH, f"The supergraph SDL cannot be loaded: {why}."
    )


def _read_graphs(document: Document) -> dict[str, tuple[SubgraphName, str]]:
    for node in document.definitions:
        if isinstance(node, TypeDefinition) and node.name == "join__Graph":
            graphs: dict[str, tuple[SubgraphName, str]] = {}
            for value in node.values:
                arguments = next(iter(_applications(value.directives, "join__graph")), None)
                if arguments is None:
                    raise _invalid(f"join__Graph.{value.name} has no @join__graph")
                name = SubgraphName(arguments["name"])
                graphs[value.name] = (name, arguments.get("url") or "")
            return graphs
    raise _invalid("it has no enum join__Graph, so it is a plain schema or a subgraph's")


def _read_roots(document: Document, types: Mapping[TypeName, TypeState]) -> dict[str, TypeName]:
    for node in document.definitions:
        if isinstance(node, SchemaDefinition) and not node.is_extension:
            return {operation: TypeName(item.name) for operation, item in node.operations}
    defaults = ("query", "mutation", "subscription")
    return {kind: TypeName(kind.capitalize()) for kind in defaults if kind.capitalize() in types}


def _read_contexts(document: Document) -> dict[str, frozenset[TypeName]]:
    """The types that set each context (https://specs.apollo.dev/context/v0.1)."""
    directive = directive_name(links_of(document), "context")
    found: dict[str, set[TypeName]] = {}
    for node in document.definitions:
        if isinstance(node, TypeDefinition):
            for arguments in _applications(node.directives, directive):
                found.setdefault(str(arguments.get("name")), set()).add(TypeName(node.name))
    return {name: frozenset(types) for name, types in found.items()}


def _applications(directives: Iterable[Directive], name: str) -> list[dict[str, Any]]:
    """The argument values of each application of a directive."""
    return [
        {argument.name: argument.value for argument in directive.arguments}
        for directive in directives
        if directive.name == name
    ]


_KINDS: Mapping[TypeKeyword, TypeKind] = {
    "type": TypeKind.OBJECT,
    "interface": TypeKind.INTERFACE,
    "union": TypeKind.UNION,
    "enum": TypeKind.ENUM,
    "scalar": TypeKind.SCALAR,
    "input": TypeKind.INPUT,
}


def _read_type(
    node: TypeDefinition,
    names: Mapping[str, SubgraphName],
    unsaid: Mapping[SubgraphName, TypeJoin],
) -> TypeState:
    name = TypeName(node.name)
    joins = _read_type_joins(node, names) or unsaid
    fields: dict[str, FieldState] = {}
    interfaces: dict[SubgraphName, frozenset[TypeName]] = {}
    members: dict[SubgraphName, frozenset[TypeName]] = {}
    if node.keyword in {"type", "interface"}:
        fields = {item.name: _read_field(item, joins, names) for item in node.fields}
        interfaces = _per_subgraph(
            node, ("join__implements", "interface"), node.interfaces, joins, names
        )
    elif node.keyword == "union":
        members = _per_subgraph(node, ("join__unionMember", "member"), node.members, joins, names)
    return TypeState(
        name=name,
        kind=_KINDS[node.keyword],
        joins=joins,
        fields=fields,
        interfaces=interfaces,
        members=members,
    )


def _graph(arguments: Mapping[str, Any], names: Mapping[str, SubgraphName]) -> SubgraphName:
    graph = arguments.get("graph")
    if graph not in names:
        raise _invalid(f"a join directive names the unknown graph {graph!r}")
    return names[str(graph)]


def _read_type_joins(
    node: TypeDefinition, names: Mapping[str, SubgraphName]
) -> dict[SubgraphName, TypeJoin]:
    keys: dict[SubgraphName, list[KeyState]] = {}
    interface_objects: set[SubgraphName] = set()
    for arguments in _applications(node.directives, "join__type"):
        subgraph = _graph(arguments, names)
        own_keys = keys.setdefault(subgraph, [])
        if arguments.get("key") is not None:
            own_keys.append(KeyState(arguments["key"], arguments.get("resolvable", True)))
        if arguments.get("isInterfaceObject"):
            interface_objects.add(subgraph)
    return {
        subgraph: TypeJoin(tuple(own_keys), subgraph in interface_objects)
        for subgraph, own_keys in keys.items()
    }


def _read_field(
    node: FieldDefinition,
    type_joins: Mapping[SubgraphName, TypeJoin],
    names: Mapping[str, SubgraphName],
) -> FieldState:
    type_name, wrappers = _unwrap(node.type)
    applications = _applications(node.directives, "join__field")
    joins: dict[SubgraphName, FieldJoin] = {}
    for arguments in applications:
        if arguments.get("graph") is None:
            continue  # an interface object's field, copied to an implementation by composition
        own_name, own_wrappers = type_name, wrappers
        if arguments.get("type") is not None:
            own_name, own_wrappers = _unwrap(arguments["type"])
        subgraph = _graph(arguments, names)
        external, when_active = _externals(node.name, arguments, type_joins.get(subgraph))
        joins[subgraph] = FieldJoin(
            type_name=own_name,
            wrappers=own_wrappers,
            external=external,
            requires=arguments.get("requires"),
            provides=arguments.get("provides"),
            override_label=arguments.get("overrideLabel"),
            external_when_active=when_active,
            context_arguments=tuple(
                map(_context_argument, arguments.get("contextArguments") or ())
            ),
        )
    if not applications:  # no @join__field at all: every subgraph that has the type has the field
        plain = FieldJoin(type_name, wrappers, False, None, None, None)
        joins = dict.fromkeys(type_joins, plain)
    return FieldState(node.name, type_name, wrappers, joins)


def _context_argument(value: Mapping[str, Any]) -> ContextArgument:
    try:
        return ContextArgument(
            value["name"], value["type"], value["context"], value["selection"].strip()
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _invalid(f"a contextArguments of @join__field cannot be read: {value!r}") from error


def _externals(
    name: str, arguments: Mapping[str, Any], type_join: TypeJoin | None
) -> tuple[bool, bool]:
    """Whether the subgraph knows the field without resolving it, while no label is active.

    And the same while the field's own label is. An overridden field is like an external one in the
    old subgraph, unless it identifies the subgraph's own entities as a key. With a label the
    override begins only when that is active: until then the new subgraph's field is the external.
    """
    external = bool(arguments.get("external"))
    if arguments.get("overrideLabel") is None:
        overridden = bool(arguments.get("usedOverridden")) and not _is_key(name, type_join)
        return external or overridden, external or overridden
    if arguments.get("override") is not None:
        return True, external
    return external, external or not _is_key(name, type_join)


def _is_key(name: str, type_join: TypeJoin | None) -> bool:
    keys = type_join.keys if type_join is not None else ()
    return any(selection.field == name for key in keys for selection in parse_field_set(key.fields))


def _unwrap(ref: str) -> tuple[TypeName, str]:
    """The named type, and the lists and non-nulls around it."""
    name = ref.strip("[]! ")
    return TypeName(name), ref.replace(name, "").replace(" ", "")


def _per_subgraph(
    node: TypeDefinition,
    directive: tuple[str, str],
    clause: Iterable[Reference],
    joins: Mapping[SubgraphName, TypeJoin],
    names: Mapping[str, SubgraphName],
) -> dict[SubgraphName, frozenset[TypeName]]:
    """Interfaces or union members by subgraph.

    `directive` is the join directive and the argument that name one of them. Before join v0.2
    there were none: the clause alone said it, for every subgraph with the type.
    """
    name, argument = directive
    found: dict[SubgraphName, set[TypeName]] = {subgraph: set() for subgraph in joins}
    applications = _applications(node.directives, name)
    for arguments in applications:
        found.setdefault(_graph(arguments, names), set()).add(TypeName(arguments[argument]))
    if not applications:
        everywhere = {TypeName(item.name) for item in clause}
        found = dict.fromkeys(found, everywhere)
    return {subgraph: frozenset(own) for subgraph, own in found.items()}
