"""Every directive of the federation specification, by short name."""

from supergraph.federation.directives.authenticated import AUTHENTICATED
from supergraph.federation.directives.cache_tag import CACHE_TAG
from supergraph.federation.directives.compose_directive import COMPOSE_DIRECTIVE
from supergraph.federation.directives.context import CONTEXT
from supergraph.federation.directives.cost import COST
from supergraph.federation.directives.extends import EXTENDS
from supergraph.federation.directives.external import EXTERNAL
from supergraph.federation.directives.from_context import FROM_CONTEXT
from supergraph.federation.directives.inaccessible import INACCESSIBLE
from supergraph.federation.directives.interface_object import INTERFACE_OBJECT
from supergraph.federation.directives.key import KEY
from supergraph.federation.directives.list_size import LIST_SIZE
from supergraph.federation.directives.override import OVERRIDE
from supergraph.federation.directives.policy import POLICY
from supergraph.federation.directives.provides import PROVIDES
from supergraph.federation.directives.requires import REQUIRES
from supergraph.federation.directives.requires_scopes import REQUIRES_SCOPES
from supergraph.federation.directives.shareable import SHAREABLE
from supergraph.federation.directives.spec import DirectiveSpec
from supergraph.federation.directives.tag import TAG
from supergraph.federation.versions import Version

__all__ = ["FEDERATION_DIRECTIVES", "FEDERATION_TYPES", "directives_in"]

FEDERATION_DIRECTIVES: dict[str, DirectiveSpec] = {
    spec.short_name: spec
    for spec in (
        KEY,
        EXTERNAL,
        REQUIRES,
        PROVIDES,
        EXTENDS,
        SHAREABLE,
        OVERRIDE,
        INACCESSIBLE,
        TAG,
        COMPOSE_DIRECTIVE,
        INTERFACE_OBJECT,
        AUTHENTICATED,
        REQUIRES_SCOPES,
        POLICY,
        CONTEXT,
        FROM_CONTEXT,
        COST,
        LIST_SIZE,
        CACHE_TAG,
    )
}

#: The scalars of the specification, with the version that brought them.
FEDERATION_TYPES: dict[str, Version] = {
    "FieldSet": Version(2, 0),
    "Scope": Version(2, 5),
    "Policy": Version(2, 6),
    "ContextFieldValue": Version(2, 8),
}


def directives_in(version: Version) -> dict[str, DirectiveSpec]:
    """The directives that a version of the specification has."""
    return {n: spec for n, spec in FEDERATION_DIRECTIVES.items() if spec.exists_in(version)}
