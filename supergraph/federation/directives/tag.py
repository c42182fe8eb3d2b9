"""`@tag`: a free name on an element, for tools that build variants of the schema."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["TAG"]

TAG = DirectiveSpec(
    "tag",
    since=Version(2, 0),
    locations=frozenset(
        {
            "ARGUMENT_DEFINITION",
            "ENUM",
            "ENUM_VALUE",
            "FIELD_DEFINITION",
            "INPUT_FIELD_DEFINITION",
            "INPUT_OBJECT",
            "INTERFACE",
            "OBJECT",
            "SCALAR",
            "UNION",
        }
    ),
    arguments={"name": ArgumentSpec("String!")},
    repeatable_since=Version(1, 0),
    later_locations={"SCHEMA": Version(2, 3)},
    in_federation_1=True,
)
