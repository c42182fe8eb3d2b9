"""`@listSize`: how long a list is taken to be when cost is estimated."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["LIST_SIZE"]

LIST_SIZE = DirectiveSpec(
    "listSize",
    since=Version(2, 9),
    locations=frozenset({"FIELD_DEFINITION"}),
    arguments={
        "assumedSize": ArgumentSpec("Int"),
        "slicingArguments": ArgumentSpec("[String!]"),
        "sizedFields": ArgumentSpec("[String!]"),
        "requireOneSlicingArgument": ArgumentSpec("Boolean", default=True),
    },
)
