"""`@inaccessible`: the element exists in the supergraph but not in the API schema."""

from supergraph.federation.directives.spec import DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["INACCESSIBLE"]

INACCESSIBLE = DirectiveSpec(
    "inaccessible",
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
)
