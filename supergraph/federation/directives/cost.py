"""`@cost`: the weight of an element in the estimated cost of an operation."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["COST"]

COST = DirectiveSpec(
    "cost",
    since=Version(2, 9),
    locations=frozenset(
        {
            "ARGUMENT_DEFINITION",
            "ENUM",
            "FIELD_DEFINITION",
            "INPUT_FIELD_DEFINITION",
            "OBJECT",
            "SCALAR",
        }
    ),
    arguments={"weight": ArgumentSpec("Int!")},
)
