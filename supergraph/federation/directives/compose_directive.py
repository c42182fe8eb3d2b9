"""`@composeDirective`: keep a directive of the subgraphs' own in the supergraph."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["COMPOSE_DIRECTIVE"]

COMPOSE_DIRECTIVE = DirectiveSpec(
    "composeDirective",
    since=Version(2, 1),
    locations=frozenset({"SCHEMA"}),
    arguments={"name": ArgumentSpec("String")},
    repeatable_since=Version(2, 1),
)
