"""`@fromContext`: an argument whose value is read from a context."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["FROM_CONTEXT"]

FROM_CONTEXT = DirectiveSpec(
    "fromContext",
    since=Version(2, 8),
    locations=frozenset({"ARGUMENT_DEFINITION"}),
    arguments={"field": ArgumentSpec("federation__ContextFieldValue")},
)
