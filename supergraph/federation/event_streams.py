"""Subscription fields that the gateway serves from events: the directive `@eventStream`.

A subgraph declares the specification and composes the directive:

    extend schema
      @link(url: "https://specs.supergraph.example/events/v0.1", import: ["@eventStream"])
      @composeDirective(name: "@eventStream")
    directive @eventStream(
      channel: String!, message: String!, snapshot: String, sequence: String, final: String,
      source: String = "PUBSUB"
    ) on FIELD_DEFINITION

`channel` is where the events come from, with the field's arguments in braces: "task:{id}". An event
is a JSON object, the entity as far as `message` (a field set) tells it, with `__typename` where the
field's type is abstract. Everything else that a client selects is fetched by the entity's keys.

`snapshot` names a query field of the same subgraph with the same arguments, which answers the
present state: it begins every stream, and is asked again where events may have been lost. Whether
a caller may watch is what it answers to this caller; without a snapshot, whoever may ask the field
sees its events. `sequence` names the field, in event and
snapshot, that says which is later; `final` the Boolean field which ends the stream. `source` is
"PUBSUB" or "STREAM" (https://redis.io/docs/latest/develop/data-types/streams/), which can be
resumed.

In the planner's eyes the events are a subgraph of their own, which has these fields and no keys to
enter by: `with_event_subgraphs` adds it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from supergraph.error_codes import runtime as codes
from supergraph.errors import SupergraphError
from supergraph.federation.field_set import FieldSetError, Selection, parse_field_set
from supergraph.federation.sdl.nodes import Directive, FieldDefinition, TypeDefinition
from supergraph.federation.supergraph_links import SupergraphLink, links_of
from supergraph.federation.supergraph_records import (
    FieldJoin,
    FieldState,
    SupergraphState,
    TypeJoin,
    TypeKind,
    TypeState,
)
from supergraph.federation.values import ConstValue
from supergraph.names import SubgraphName, TypeName

__all__ = ["EventStream", "event_streams", "with_event_subgraphs"]

IDENTITY = "https://specs.supergraph.example/events/"
DIRECTIVE = "eventStream"
SOURCES = ("PUBSUB", "STREAM")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class EventStream:
    """One field with the directive.

    `subgraph` declares it and answers the snapshot; `name` is the subgraph that its events are to
    the planner. `channel` has text and names of arguments by turns, beginning and ending with text;
    `defaults` are those of the arguments.
    `object_types` has the object types of each abstract type that a selection may name, and
    `field_types` the type of each field, by the type that has it.
    """

    name: SubgraphName
    subgraph: SubgraphName
    field: str
    channel: tuple[str, ...]
    defaults: Mapping[str, ConstValue]
    message: tuple[Selection, ...]
    snapshot: str | None
    sequence: str | None
    final: str | None
    is_durable: bool
    type_name: TypeName
    object_types: Mapping[TypeName, frozenset[TypeName]]
    field_types: Mapping[TypeName, Mapping[str, TypeName]]


def event_streams(state: SupergraphState) -> tuple[EventStream, ...]:
    """Every subscription field that is served from events.

    Raises `SupergraphError` with INVALID_EVENT_STREAM for a directive that cannot be followed.
    """
    directive = _local_name(links_of(state.document))
    root = state.roots.get("subscription")
    if directive is None or root is None or root not in state.types:
        return ()
    return tuple(
        _read(state, node, state.types[root].fields[node.name], application)
        for node, application in _applications(state, root, directive)
    )


def with_event_subgraphs(state: SupergraphState, streams: Iterable[EventStream]) -> SupergraphState:
    """The supergraph in which the streams' fields come from subgraphs of their own."""
    for stream in streams:
        types = dict(state.types)
        root = state.roots["subscription"]
        field = types[root].fields[stream.field]
        join = field.joins[stream.subgraph]
        types[root] = _joined(
            types[root], stream, replace(field, joins={stream.name: _plain(join)})
        )
        _carry(types, stream, join.type_name, stream.message)
        subgraphs = {**state.subgraphs, stream.name: ""}
        state = replace(state, types=types, subgraphs=subgraphs)
    return state


def _local_name(links: Iterable[SupergraphLink]) -> str | None:
    for link in links:
        if not str(link.get("url") or "").startswith(IDENTITY):
            continue
        for item in link.get("import") or ():
            if item == f"@{DIRECTIVE}":
                return DIRECTIVE
            if isinstance(item, dict) and item.get("name") == f"@{DIRECTIVE}":
                return str(item.get("as") or DIRECTIVE).removeprefix("@")
        return f"{link.get('as') or 'events'}__{DIRECTIVE}"
    return None


def _applications(
    state: SupergraphState, root: TypeName, directive: str
) -> Iterator[tuple[FieldDefinition, Directive]]:
    for node in state.document.definitions:
        if isinstance(node, TypeDefinition) and node.name == root:
            for field in node.fields:
                for application in field.directives:
                    if application.name == directive:
                        yield field, application


def _read(
    state: SupergraphState, node: FieldDefinition, field: FieldState, application: Directive
) -> EventStream:
    values = {item.name: item.value for item in application.arguments}
    if len(field.joins) != 1:
        raise _invalid(field, "more than one subgraph has the field")
    subgraph, join = next(iter(field.joins.items()))
    if "[" in join.wrappers:
        raise _invalid(field, "the field answers a list")
    if values.get("source", SOURCES[0]) not in SOURCES:
        raise _invalid(field, f"its source is none of {', '.join(SOURCES)}")
    try:
        message = parse_field_set(str(values.get("message") or ""))
    except FieldSetError as error:
        raise _invalid(field, f"its message is no field set: {error}") from error
    stream = EventStream(
        name=SubgraphName(f"{subgraph}/{field.name}"),
        subgraph=subgraph,
        field=field.name,
        channel=tuple(_PLACEHOLDER.split(str(values.get("channel") or ""))),
        defaults={item.name: item.default for item in node.arguments if item.has_default},
        message=message,
        snapshot=_text(values.get("snapshot")),
        sequence=_text(values.get("sequence")),
        final=_text(values.get("final")),
        is_durable=values.get("source") == "STREAM",
        type_name=join.type_name,
        object_types=_object_types(state, subgraph),
        field_types=_field_types(state, subgraph),
    )
    arguments = {argument.name for argument in node.arguments}
    for name in stream.channel[1::2]:
        if name not in arguments:
            raise _invalid(field, f"there is no argument {name!r} for its channel")
    _check(state, field, stream)
    return stream


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _check(state: SupergraphState, field: FieldState, stream: EventStream) -> None:
    if stream.channel == ("",):
        raise _invalid(field, "it names no channel")
    told = {selection.field for selection in stream.message}
    for role, name in (("sequence", stream.sequence), ("final", stream.final)):
        if name is not None and name not in told:
            raise _invalid(field, f"its {role} {name!r} is not in the message")
    root = state.types.get(state.roots.get("query", TypeName("")))
    if stream.snapshot is not None:
        snapshot = root.fields.get(stream.snapshot) if root is not None else None
        if snapshot is None or stream.subgraph not in snapshot.joins:
            raise _invalid(
                field, f"its snapshot {stream.snapshot!r} is no query field of {stream.subgraph}"
            )
    types = dict(state.types)
    _carry(types, stream, stream.type_name, stream.message)


def _invalid(field: FieldState, why: str) -> SupergraphError:
    message = f"@{DIRECTIVE} on the subscription field {field.name!r} cannot be followed: {why}."
    return SupergraphError(codes.INVALID_EVENT_STREAM, message)


def _object_types(
    state: SupergraphState, subgraph: SubgraphName
) -> dict[TypeName, frozenset[TypeName]]:
    """The object types that each abstract type of a subgraph stands for."""
    found: dict[TypeName, set[TypeName]] = {}
    for type_state in state.types.values():
        for member in type_state.members.get(subgraph, ()):
            found.setdefault(type_state.name, set()).add(member)
        if type_state.kind is TypeKind.OBJECT:
            for interface in type_state.interfaces.get(subgraph, ()):
                found.setdefault(interface, set()).add(type_state.name)
    return {name: frozenset(types) for name, types in found.items()}


def _field_types(
    state: SupergraphState, subgraph: SubgraphName
) -> dict[TypeName, dict[str, TypeName]]:
    """The type of each field that a subgraph has."""
    return {
        type_state.name: {
            field.name: field.joins[subgraph].type_name
            for field in type_state.fields.values()
            if subgraph in field.joins
        }
        for type_state in state.types.values()
        if subgraph in type_state.joins
    }


def _carry(
    types: dict[TypeName, TypeState],
    stream: EventStream,
    type_name: TypeName,
    selections: tuple[Selection, ...],
) -> None:
    """Let the events have a type's fields, and those of every type it stands for."""
    if type_name not in types:
        return
    for name in (type_name, *sorted(stream.object_types.get(type_name, ()))):
        types[name] = _joined(types[name], stream)
        for selection in selections:
            if selection.field is None:
                if selection.type_condition in (None, name):
                    _carry(types, stream, name, selection.selections)
                continue
            field = types[name].fields.get(selection.field)
            join = field.joins.get(stream.subgraph) if field is not None else None
            if field is None or join is None:
                if name == type_name:
                    raise _unknown(stream, selection.field, name)
                continue
            known = replace(field, joins={**field.joins, stream.name: _plain(join)})
            types[name] = _joined(types[name], stream, known)
            _carry(types, stream, join.type_name, selection.selections)


def _unknown(stream: EventStream, field: str, type_name: TypeName) -> SupergraphError:
    return SupergraphError(
        codes.INVALID_EVENT_STREAM,
        f"The message of the subscription field {stream.field!r} has {type_name}.{field}, which "
        f"{stream.subgraph} does not have.",
    )


def _plain(join: FieldJoin) -> FieldJoin:
    """The field as an event has it: there, whatever it takes the subgraph to resolve it."""
    return FieldJoin(join.type_name, join.wrappers, False, None, None, None)


def _joined(state: TypeState, stream: EventStream, field: FieldState | None = None) -> TypeState:
    """The type as the stream's events have it too, and one field of theirs."""
    name, origin = stream.name, stream.subgraph
    return replace(
        state,
        joins={**state.joins, name: TypeJoin((), False)},
        fields={**state.fields, field.name: field} if field is not None else state.fields,
        interfaces={**state.interfaces, name: state.interfaces.get(origin, frozenset())},
        members={**state.members, name: state.members.get(origin, frozenset())},
    )
