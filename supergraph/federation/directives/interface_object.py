"""`@interfaceObject`: an object type that stands for an interface of other subgraphs."""

from supergraph.federation.directives.spec import DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["INTERFACE_OBJECT"]

INTERFACE_OBJECT = DirectiveSpec(
    "interfaceObject",
    since=Version(2, 3),
    locations=frozenset({"OBJECT"}),
)
