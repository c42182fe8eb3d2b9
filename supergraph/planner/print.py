"""The readable form of a plan, GraphQL-like, as people compare it in tests and reviews."""

import json
from collections.abc import Iterator

from graphql import parse, print_ast

from supergraph.errors import broken_invariant
from supergraph.planner.plan_nodes import (
    ConditionNode,
    ContextSource,
    DeferConditionNode,
    DeferNode,
    DeferredNode,
    EntityFragment,
    EntityGroup,
    FetchNode,
    FlattenPath,
    IncrementalNode,
    ItemSegment,
    KeySegment,
    ParallelNode,
    QueryPlan,
    RequiredField,
    RequiredSelection,
    SequenceNode,
    SubscriptionNode,
)

__all__ = ["context_steps", "path_segments", "print_plan"]

_INDENT = "  "


def print_plan(plan: QueryPlan) -> str:
    """The plan as indented text."""
    if plan.shown is None:
        return "QueryPlan {}"
    return _block("QueryPlan", [_print_node(plan.shown)])


def path_segments(path: FlattenPath) -> list[str]:
    """A flatten path in the notation of plans: names, `@` for items, `|[Type]` for conditions."""
    segments: list[str] = []
    for segment in path:
        if isinstance(segment, KeySegment):
            segments.append(segment.response_key)
        elif isinstance(segment, ItemSegment):
            segments.append("@")
        else:
            condition = f"|[{','.join(sorted(segment.type_names))}]"
            if segments:
                segments[-1] += condition
            else:
                segments.append(condition)
    return segments


def context_steps(source: ContextSource, path: FlattenPath) -> list[list[str]]:
    """The ways to a context's values, from an object at the path: up, then down to each value."""
    keys = sum(isinstance(segment, KeySegment) for segment in path)
    start = [".."] * (keys - source.level)
    types = [f"... on {source.type_condition}"]
    return [[*start, *types, *steps] for steps in _value_steps(source.selections)]


def _value_steps(selections: tuple[RequiredSelection, ...]) -> Iterator[list[str]]:
    for selection in selections:
        if isinstance(selection, RequiredField):
            own = selection.response_key
        else:
            own = f"... on {selection.type_condition}"
        if not selection.selections:
            yield [own]
        for inner in _value_steps(selection.selections):
            yield [own, *inner]


def _block(head: str, parts: list[str], braces: str = "{}") -> str:
    if not parts:
        return f"{head} {braces}"
    inner = "\n".join(parts)
    indented = "\n".join(_INDENT + line for line in inner.split("\n"))
    return f"{head} {braces[0]}\n{indented}\n{braces[1]}"


def _print_node(node: IncrementalNode) -> str:
    match node:
        case FetchNode():
            return _print_fetch(node)
        case SequenceNode():
            return _block("Sequence", [_print_node(item) for item in node.nodes])
        case ParallelNode():
            return _block("Parallel", [_print_node(item) for item in node.nodes])
        case ConditionNode():
            name = "Include" if node.condition.includes else "Skip"
            return _block(f"{name}(if: ${node.condition.variable})", [_print_node(node.node)])
        case SubscriptionNode():
            rest = [_block("Rest", [_print_node(node.rest)])] if node.rest else []
            return _block("Subscription", [_block("Primary", [_print_fetch(node.primary)]), *rest])
        case DeferNode():
            primary = _block("Primary", _part(node.primary.selection, node.primary.node))
            deferred = [_print_deferred(item) for item in node.deferred]
            return _block("Defer", [f"{primary}, {_block('', deferred, '[]').lstrip()}"])
        case DeferConditionNode():
            then = _block("Then", _optional(node.deferring))
            otherwise = _block("Else", _optional(node.otherwise))
            return _block(f"Condition(if: ${node.variable})", [then, otherwise])
    broken_invariant("every kind of plan node is printed")


def _print_deferred(node: DeferredNode) -> str:
    ids = ", ".join(map(str, node.depends))
    label = "" if node.label is None else f", label: {json.dumps(node.label)}"
    head = f'Deferred(depends: [{ids}], path: "{".".join(node.path)}"{label})'
    return _block(head, _part(node.selection, node.node))


def _part(selection: str, node: IncrementalNode | None) -> list[str]:
    """What the client selects in a part, and the fetches for it."""
    return [*([f"{_pretty(selection)}:"] if selection else []), *_optional(node)]


def _optional(node: IncrementalNode | None) -> list[str]:
    return [] if node is None else [_print_node(node)]


def _print_fetch(node: FetchNode) -> str:
    head = f'service: "{node.service_name}"'
    if node.id is not None:
        head += f", id: {node.id}"
    if not node.entities:
        fetch = _block(f"Fetch({head})", [_pretty(node.selection)])
        return _block(f"Flatten(path: {_quoted(node.path)})", [fetch]) if node.path else fetch
    if len(node.entities) == 1 and len(node.entities[0].paths) == 1:
        [group] = node.entities
        fetch = _block(f"Fetch({head})", _group_parts(group))
        return _block(f"Flatten(path: {_quoted(group.paths[0])})", [fetch])
    groups = [
        _block(f"Flatten(paths: [{', '.join(map(_quoted, group.paths))}])", _group_parts(group))
        for group in node.entities
    ]
    return _block(f"BatchFetch({head})", groups)


def _group_parts(group: EntityGroup) -> list[str]:
    required = " ".join(_print_required(item) for item in group.requires)
    contexts = [
        f'${value.variable}{group.suffix}: "{"/".join(steps)}"'
        for value in group.contexts
        for source in value.sources
        for steps in context_steps(source, group.paths[0])
    ]
    return [*contexts, f"{_pretty(required)} =>", _pretty(group.selection)]


def _quoted(path: FlattenPath) -> str:
    return f'"{".".join(path_segments(path))}"'


def _print_required(selection: RequiredSelection | EntityFragment) -> str:
    inner = " ".join(_print_required(item) for item in selection.selections)
    if not isinstance(selection, RequiredField):
        return f"... on {selection.type_condition} {{ __typename {inner} }}"
    alias = "" if selection.name == selection.response_key else f"{selection.response_key}: "
    return f"{alias}{selection.name}" + (f" {{ {inner} }}" if inner else "")


def _pretty(selection: str) -> str:
    return print_ast(parse(f"{{ {selection} }}", no_location=True))
