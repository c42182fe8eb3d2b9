"""`@external`: the field is resolved elsewhere and only named here."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["EXTERNAL"]

EXTERNAL = DirectiveSpec(
    "external",
    since=Version(2, 0),
    locations=frozenset({"FIELD_DEFINITION", "OBJECT"}),
    arguments={"reason": ArgumentSpec("String")},
    in_federation_1=True,
)
