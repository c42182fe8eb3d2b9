"""The join specification, by which a supergraph records what each subgraph defines.

See https://specs.apollo.dev/join/v0.3. Which version a supergraph uses depends on the newest
federation version among its subgraphs, since later versions only add arguments.
"""

import re
from collections.abc import Sequence

from supergraph.federation.versions import Version

__all__ = ["graph_enum_values", "join_definitions", "join_version"]

_SINCE: tuple[tuple[Version, Version], ...] = (
    (Version(2, 8), Version(0, 5)),
    (Version(2, 7), Version(0, 4)),
    (Version(1, 0), Version(0, 3)),
)

_TYPE_ARGUMENTS = (
    "graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,"
    " resolvable: Boolean! = true, isInterfaceObject: Boolean! = false"
)
_TYPE_LOCATIONS = "OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR"
_IMPLEMENTS_ARGUMENTS = "graph: join__Graph!, interface: String!"
_COMMON = (
    "directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE",
    "directive @join__graph(name: String!, url: String!) on ENUM_VALUE",
    f"directive @join__implements({_IMPLEMENTS_ARGUMENTS}) repeatable on OBJECT | INTERFACE",
    f"directive @join__type({_TYPE_ARGUMENTS}) repeatable on {_TYPE_LOCATIONS}",
    "directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION",
)
_FIELD_ARGUMENTS = (
    "graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String,"
    " external: Boolean, override: String, usedOverridden: Boolean"
)
_DIRECTIVE = (
    "directive @join__directive(graphs: [join__Graph!], name: String!,"
    " args: join__DirectiveArguments) repeatable"
    " on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION"
)


def join_version(federation_version: Version) -> Version:
    """The join version that can say everything this federation version can."""
    return next(join for since, join in _SINCE if federation_version >= since)


def join_definitions(version: Version) -> tuple[list[str], list[str]]:
    """The SDL of the directives and of the types of a join version."""
    field_arguments = _FIELD_ARGUMENTS
    directives = list(_COMMON)
    types = ["scalar join__FieldSet"]
    if version >= Version(0, 4):
        field_arguments += ", overrideLabel: String"
        directives.append(_DIRECTIVE)
        types.append("scalar join__DirectiveArguments")
    if version >= Version(0, 5):
        field_arguments += ", contextArguments: [join__ContextArgument!]"
        types.append("scalar join__FieldValue")
        types.append(
            "input join__ContextArgument {\n  name: String!\n  type: String!\n  context: String!\n"
            "  selection: join__FieldValue!\n}"
        )
    directives.append(
        f"directive @join__field({field_arguments}) repeatable"
        " on FIELD_DEFINITION | INPUT_FIELD_DEFINITION"
    )
    return sorted(directives), types


def graph_enum_values(names: Sequence[str]) -> dict[str, str]:
    """A unique enum value for each subgraph, given the names in their final order.

    Names that differ only in characters an enum value cannot have get a number; a name that ends
    like such a number gets an underscore, so that the two cannot meet.
    """
    values: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        base = re.sub(r"[^A-Z0-9_]", "_", name.upper())
        if not base or base[0].isdigit():
            base = "_" + base
        if re.search(r"_\d+$", base):
            base += "_"
        value, number = base, 1
        while value in taken:
            value, number = f"{base}_{number}", number + 1
        taken.add(value)
        values[name] = value
    return values
