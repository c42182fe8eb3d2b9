"""`@authenticated`: only for callers who have identified themselves."""

from supergraph.federation.directives.spec import DirectiveSpec
from supergraph.federation.versions import Version

__all__ = ["AUTHENTICATED"]

AUTHENTICATED = DirectiveSpec(
    "authenticated",
    since=Version(2, 5),
    locations=frozenset({"ENUM", "FIELD_DEFINITION", "INTERFACE", "OBJECT", "SCALAR"}),
)
