"""`@extends`: the definition is an extension, for tools that cannot write `extend`."""

from supergraph.federation.directives.spec import DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["EXTENDS"]

EXTENDS = DirectiveSpec(
    "extends",
    since=Version(2, 0),
    locations=frozenset({"INTERFACE", "OBJECT"}),
    in_federation_1=True,
)
