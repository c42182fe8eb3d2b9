"""`@cacheTag`: a name by which cached answers are invalidated."""

from supergraph.federation.directives.spec import ArgumentSpec, DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["CACHE_TAG"]

CACHE_TAG = DirectiveSpec(
    "cacheTag",
    since=Version(2, 12),
    locations=frozenset({"FIELD_DEFINITION", "OBJECT"}),
    arguments={"format": ArgumentSpec("String!")},
    repeatable_since=Version(2, 12),
)
