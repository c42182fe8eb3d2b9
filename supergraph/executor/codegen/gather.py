"""Generate the gathering of an entity fetch: one pass over the data for all its paths.

The paths become a tree, and the tree becomes nested loops. What is written out is the building of
flat representations; those with objects in them are built by `representations`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from supergraph.executor.codegen.source import SOURCE_LINES_MAX, Source, function_from
from supergraph.executor.entity_table import odd_key
from supergraph.executor.gather import Gather
from supergraph.executor.representations import build_representation
from supergraph.planner.plan_nodes import (
    EntityFragment,
    EntityGroup,
    ItemSegment,
    KeySegment,
    RequiredField,
    TypeSegment,
)

__all__ = ["generate_gather"]

#: Python nests at most 20 loops in one function; deeper paths are gathered in the general way.
LOOPS_MAX = 16

#: Values that are equal only if their JSON is; True equals 1, so it is not one of them.
_PLAIN = frozenset({str, int, float, type(None)})


@dataclass(slots=True)
class _Branch:
    """A place on the way to the objects, and the groups whose objects stand there."""

    keys: dict[str, "_Branch"] = field(default_factory=dict)
    types: dict[frozenset[str], "_Branch"] = field(default_factory=dict)
    items: "_Branch | None" = None
    groups: list[int] = field(default_factory=list)


def generate_gather(groups: Sequence[EntityGroup]) -> Gather | None:
    """A function that gathers as `gather.gathering` does; None where the code would be too long."""
    root = _Branch()
    for number, group in enumerate(groups):
        for path in group.paths:
            if sum(isinstance(segment, ItemSegment) for segment in path) > LOOPS_MAX:
                return None
            _branch_at(root, path).groups.append(number)
    writer = _Writer(groups)
    writer.write(root)
    if len(writer.source.lines) > SOURCE_LINES_MAX:
        return None
    return function_from(writer.source, "gather")


def _branch_at(branch: _Branch, path: Iterable[KeySegment | ItemSegment | TypeSegment]) -> _Branch:
    for segment in path:
        if isinstance(segment, KeySegment):
            branch = branch.keys.setdefault(segment.response_key, _Branch())
        elif isinstance(segment, TypeSegment):
            branch = branch.types.setdefault(segment.type_names, _Branch())
        else:
            if branch.items is None:
                branch.items = _Branch()
            branch = branch.items
    return branch


class _Writer:
    def __init__(self, groups: Sequence[EntityGroup]) -> None:
        self.source = Source()
        self._groups = groups
        self._variables = 0
        self._type_name = self.source.constant("__typename")

    def write(self, root: _Branch) -> None:
        source = self.source
        source.function("gather(data, batches)")
        for number in range(len(self._groups)):
            source.write(0, f"batch = batches[{number}]")
            source.write(0, f"numbers{number} = batch.table.numbers")
            source.write(0, f"represent{number} = batch.table.representations.append")
            source.write(0, f"target{number} = batch.targets.append")
            source.write(0, f"number{number} = batch.numbers.append")
        self._object(root, "data", 0)

    def _new_variable(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    def _value(self, branch: _Branch, value: str, depth: int) -> None:
        """Go on from a value of any kind."""
        keyword = "if"
        if branch.keys or branch.types or branch.groups:
            self.source.write(depth, f"if {value}.__class__ is dict:")
            self._object(branch, value, depth + 1)
            keyword = "elif"
        if branch.items is not None:
            item = self._new_variable()
            self.source.write(depth, f"{keyword} {value}.__class__ is list:")
            self.source.write(depth + 1, f"for {item} in {value}:")
            self._value(branch.items, item, depth + 2)

    def _object(self, branch: _Branch, value: str, depth: int) -> None:
        if not (branch.keys or branch.types or branch.groups):
            self.source.write(depth, "pass")  # an object has no items
        if branch.groups or branch.types:
            type_name = self._new_variable()
            self.source.write(depth, f"{type_name} = {value}.get({self._type_name})")
            for number in branch.groups:
                self._represent(number, value, type_name, depth)
            for type_names, inner in branch.types.items():
                self.source.write(depth, f"if {self._is_of(type_name, type_names)}:")
                self._object(inner, value, depth + 1)
        for key, inner in branch.keys.items():
            child = self._new_variable()
            self.source.write(depth, f"{child} = {value}.get({self.source.constant(key)})")
            self._value(inner, child, depth)

    def _is_of(self, type_name: str, type_names: frozenset[str]) -> str:
        if len(type_names) == 1:
            [only] = type_names
            return f"{type_name} == {self.source.constant(only)}"
        # A subgraph may send anything for a name, even what cannot be looked up in a set.
        names = self.source.constant(type_names)
        return f"{type_name}.__class__ is str and {type_name} in {names}"

    def _represent(self, number: int, value: str, type_name: str, depth: int) -> None:
        """The representation by the first fragment that is for the object's type."""
        group = self._groups[number]
        keyword = "if"
        for fragment in group.requires:
            test = self._is_of(type_name, fragment.type_names)
            if fragment.is_interface:
                test = f"{type_name} is None or {test}"
            self.source.write(depth, f"{keyword} {test}:")
            keyword = "elif"
            fields = [item for item in fragment.selections if isinstance(item, RequiredField)]
            is_flat = len(fields) == len(fragment.selections)
            if not fields or not is_flat or any(item.selections for item in fields):
                self._deep(number, value, depth + 1)
            else:
                self._flat(number, fragment, fields, (value, type_name), depth + 1)

    def _deep(self, number: int, value: str, depth: int) -> None:
        build = self.source.constant(build_representation)
        requires = self.source.own_constant(self._groups[number].requires)
        self.source.write(depth, f"found = {build}({value}, {requires})")
        self.source.write(depth, "if found is not None:")
        self.source.write(depth + 1, f"key = {self.source.constant(odd_key)}(found)")
        self._add(number, value, "found", depth + 1)

    def _flat(
        self,
        number: int,
        fragment: EntityFragment,
        fields: Sequence[RequiredField],
        names: tuple[str, str],
        depth: int,
    ) -> None:
        value, type_name = names
        source = self.source
        parts = [f"part{index}" for index in range(len(fields))]
        source.write(depth, "try:")
        for part, item in zip(parts, fields, strict=True):
            source.write(depth + 1, f"{part} = {value}[{source.constant(item.response_key)}]")
        source.write(depth, "except KeyError:")
        source.write(depth + 1, "pass  # the fetch that had to bring it failed")
        source.write(depth, "else:")
        depth += 1
        name = source.constant(fragment.type_condition) if fragment.is_interface else type_name
        is_one_type = fragment.is_interface or len(fragment.type_names) == 1
        own = parts if is_one_type and len(self._groups[number].requires) == 1 else [name, *parts]
        plain = source.constant(_PLAIN)
        is_plain = " and ".join(
            f"({part}.__class__ is str or {part}.__class__ in {plain})" for part in parts
        )
        key = own[0] if len(own) == 1 else f"({', '.join(own)})"
        odd = f"{source.constant(odd_key)}(({', '.join(own)},))"
        source.write(depth, f"key = {key} if {is_plain} else {odd}")
        values = "".join(
            f", {source.constant(item.name)}: {part}"
            for item, part in zip(fields, parts, strict=True)
        )
        self._add(number, value, f"{{{self._type_name}: {name}{values}}}", depth)

    def _add(self, number: int, value: str, representation: str, depth: int) -> None:
        write = self.source.write
        write(depth, "try:")
        write(depth + 1, f"found_number = numbers{number}[key]")
        write(depth, "except KeyError:")
        write(depth + 1, f"found_number = numbers{number}[key] = len(numbers{number})")
        write(depth + 1, f"represent{number}({representation})")
        write(depth, f"target{number}({value})")
        write(depth, f"number{number}(found_number)")
