"""The rules of a subgraph, in order.

Rules about federation are asked only of a schema that is valid GraphQL: one mistyped argument
would otherwise be reported by several of them.
"""

from supergraph.composition.result import CompositionError
from supergraph.composition.subgraph.graphql_rules.applied_directives import applied_directives
from supergraph.composition.subgraph.graphql_rules.default_values import default_values
from supergraph.composition.subgraph.graphql_rules.implementations import implementations
from supergraph.composition.subgraph.graphql_rules.input_cycles import input_cycles
from supergraph.composition.subgraph.graphql_rules.known_types import known_types
from supergraph.composition.subgraph.graphql_rules.members import members_missing, reserved_names
from supergraph.composition.subgraph.rules.auth_requirements_applied_on_interface import (
    auth_requirements_applied_on_interface,
)
from supergraph.composition.subgraph.rules.contexts import contexts
from supergraph.composition.subgraph.rules.cost_and_list_size import (
    cost_on_interface_field,
    list_sizes,
)
from supergraph.composition.subgraph.rules.external_usage import (
    external_on_interface,
    external_unused,
)
from supergraph.composition.subgraph.rules.field_sets import field_sets
from supergraph.composition.subgraph.rules.interface_key_not_on_implementation import (
    interface_key_not_on_implementation,
)
from supergraph.composition.subgraph.rules.interface_object_without_key import (
    interface_object_without_key,
)
from supergraph.composition.subgraph.rules.invalid_shareable_usage import invalid_shareable_usage
from supergraph.composition.subgraph.rules.root_type_used import root_type_used
from supergraph.composition.subgraph.state import SubgraphState

__all__ = ["validate_federation_rules", "validate_subgraph"]

_GRAPHQL_RULES = (
    reserved_names,
    members_missing,
    known_types,
    implementations,
    default_values,
    input_cycles,
    applied_directives,
)
_FEDERATION_RULES = (
    root_type_used,
    field_sets,
    contexts,
    external_on_interface,
    external_unused,
    interface_key_not_on_implementation,
    interface_object_without_key,
    invalid_shareable_usage,
    auth_requirements_applied_on_interface,
    cost_on_interface_field,
    list_sizes,
)


def validate_subgraph(state: SubgraphState) -> list[CompositionError]:
    """Every violation of a rule that needs no other subgraph."""
    errors = [error for rule in _GRAPHQL_RULES for error in rule(state)]
    if errors or state.is_federation_1:
        return errors
    return validate_federation_rules(state)


def validate_federation_rules(state: SubgraphState) -> list[CompositionError]:
    """Every violation of a federation rule; of a federation 1 subgraph, asked once upgraded."""
    return [error for rule in _FEDERATION_RULES for error in rule(state)]
