"""The rules of a subgraph, in order.

Rules about federation are asked only of a schema that is valid GraphQL: one mistyped argument
would otherwise be reported by several of them.
"""

from supergraph.composition.result import CompositionError
from supergraph.composition.subgraph.rules.unsupported_feature import unsupported_feature
from supergraph.composition.subgraph.state import SubgraphState

__all__ = ["validate_subgraph"]

_GRAPHQL_RULES = ()
_FEDERATION_RULES = (unsupported_feature,)


def validate_subgraph(state: SubgraphState) -> list[CompositionError]:
    """Every violation of a rule that needs no other subgraph."""
    errors = [error for rule in _GRAPHQL_RULES for error in rule(state)]
    if errors:
        return errors
    return [error for rule in _FEDERATION_RULES for error in rule(state)]
