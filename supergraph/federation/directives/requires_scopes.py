"""`@requiresScopes`: only for callers whose token has one of the lists of scopes."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["REQUIRES_SCOPES"]

REQUIRES_SCOPES = DirectiveSpec(
    "requiresScopes",
    since=Version(2, 5),
    locations=frozenset({"ENUM", "FIELD_DEFINITION", "INTERFACE", "OBJECT", "SCALAR"}),
    arguments={"scopes": ArgumentSpec("[[federation__Scope!]!]!")},
)
