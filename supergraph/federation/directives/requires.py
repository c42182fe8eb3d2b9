"""`@requires`: external fields that must be fetched before the field can be resolved."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["REQUIRES"]

REQUIRES = DirectiveSpec(
    "requires",
    since=Version(2, 0),
    locations=frozenset({"FIELD_DEFINITION"}),
    arguments={"fields": ArgumentSpec("federation__FieldSet!")},
    in_federation_1=True,
)
