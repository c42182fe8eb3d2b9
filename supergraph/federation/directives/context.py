"""`@context`: a type names a context from which fields below it may read."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["CONTEXT"]

CONTEXT = DirectiveSpec(
    "context",
    since=Version(2, 8),
    locations=frozenset({"INTERFACE", "OBJECT", "UNION"}),
    arguments={"name": ArgumentSpec("String!")},
    repeatable_since=Version(2, 8),
)
