"""`@provides`: external fields that this one field can resolve after all."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["PROVIDES"]

PROVIDES = DirectiveSpec(
    "provides",
    since=Version(2, 0),
    locations=frozenset({"FIELD_DEFINITION"}),
    arguments={"fields": ArgumentSpec("federation__FieldSet!")},
    in_federation_1=True,
)
