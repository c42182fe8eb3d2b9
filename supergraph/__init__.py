"""A GraphQL federation gateway: composes subgraphs, plans operations, runs and streams them.

>>> from supergraph import Gateway, Subgraph, compose
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from supergraph.composition.compose import compose
    from supergraph.composition.result import CompositionResult, Subgraph
    from supergraph.server.gateway import Gateway

__all__ = ["CompositionResult", "Gateway", "Subgraph", "compose"]
__version__ = "0.1.0"

# Resolved on first use, so that composing does not pay for importing a server.
_HOMES = {
    "compose": "supergraph.composition.compose",
    "CompositionResult": "supergraph.composition.result",
    "Subgraph": "supergraph.composition.result",
    "Gateway": "supergraph.server.gateway",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'supergraph' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
