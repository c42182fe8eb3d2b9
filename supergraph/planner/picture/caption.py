"""What a picture says of a fetch."""

from dataclasses import dataclass

from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from supergraph.planner.plan_nodes import EntityGroup, FlattenPath
from supergraph.planner.print import path_segments
from supergraph.planner.waves import PlannedFetch

__all__ = ["Caption", "caption_of"]

#: Longer lines are cut, so that one box does not stretch the picture.
LINE_LENGTH_MAX = 48
PLACE_LENGTH_MAX = LINE_LENGTH_MAX - len("at ")


@dataclass(frozen=True, slots=True)
class Caption:
    """The subgraph's name, and a line for each thing to know."""

    title: str
    lines: tuple[str, ...]


def caption_of(planned: PlannedFetch) -> Caption:
    """Which subgraph is asked, for what at which places, and under which conditions."""
    fetch = planned.fetch
    lines: list[str] = []
    if fetch.entities:
        for group in fetch.entities:
            lines += _group_lines(group)
    else:
        lines.append(fetch.operation_kind)
        lines += [_place(fetch.path)] if fetch.path else []
        lines.append(_cut(_fields(fetch.selection)))
    lines += [
        f"{'if' if condition.includes else 'unless'} ${condition.variable}"
        for condition in sorted(planned.conditions)
    ]
    if planned.deferred is not None:
        lines.append(_cut(f"deferred: {planned.deferred}"))
    return Caption(_cut(fetch.service_name), tuple(lines))


def _group_lines(group: EntityGroup) -> list[str]:
    types = ", ".join(fragment.type_condition for fragment in group.requires)
    return [_cut(types), *map(_place, group.paths), _cut(_fields(group.selection))]


def _place(path: FlattenPath) -> str:
    """The end of a path says more than its beginning, which other boxes show."""
    segments = path_segments(path)
    text = ".".join(segments)
    while len(text) > PLACE_LENGTH_MAX and len(segments) > 1:
        segments = segments[1:]
        text = "…" + ".".join(segments)
    return _cut(f"at {text}")


def _fields(selection: str) -> str:
    operation = parse(f"{{{selection}}}", no_location=True).definitions[0]
    names: dict[str, None] = {}
    if isinstance(operation, OperationDefinitionNode):
        _collect(operation.selection_set, names)
    return "{ " + " ".join(names) + " }"


def _collect(selection_set: SelectionSetNode, names: dict[str, None]) -> None:
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            names[(node.alias or node.name).value] = None
        elif isinstance(node, InlineFragmentNode):
            _collect(node.selection_set, names)


def _cut(line: str) -> str:
    return line if len(line) <= LINE_LENGTH_MAX else line[: LINE_LENGTH_MAX - 1] + "…"
