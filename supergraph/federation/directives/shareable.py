"""`@shareable`: several subgraphs may resolve the field, all alike."""

from supergraph.federation.directives.spec import DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["SHAREABLE"]

SHAREABLE = DirectiveSpec(
    "shareable",
    since=Version(2, 0),
    locations=frozenset({"FIELD_DEFINITION", "OBJECT"}),
    repeatable_since=Version(2, 2),
)
