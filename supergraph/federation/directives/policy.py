"""`@policy`: only for callers for whom one of the lists of policies holds."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["POLICY"]

POLICY = DirectiveSpec(
    "policy",
    since=Version(2, 6),
    locations=frozenset({"ENUM", "FIELD_DEFINITION", "INTERFACE", "OBJECT", "SCALAR"}),
    arguments={"policies": ArgumentSpec("[[federation__Policy!]!]!")},
)
