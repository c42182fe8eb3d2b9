"""`@override`: the field is resolved here, no longer in the subgraph it names."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["OVERRIDE"]

OVERRIDE = DirectiveSpec(
    "override",
    since=Version(2, 0),
    locations=frozenset({"FIELD_DEFINITION"}),
    arguments={
        "from": ArgumentSpec("String!"),
        "label": ArgumentSpec("String", since=Version(2, 7)),
    },
)
