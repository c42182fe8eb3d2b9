"""`@key`: the fields by which an entity is found again in another subgraph."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["KEY"]

KEY = DirectiveSpec(
    "key",
    since=Version(2, 0),
    locations=frozenset({"INTERFACE", "OBJECT"}),
    arguments={
        "fields": ArgumentSpec("federation__FieldSet!"),
        "resolvable": ArgumentSpec("Boolean", default=True),
    },
    repeatable_since=Version(1, 0),
    in_federation_1=True,
)
