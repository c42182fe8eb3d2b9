"""The rules of the merged schema, and those that need all subgraphs before merging."""

from supergraph.composition.supergraph.context import MergeContext
from supergraph.composition.supergraph.rules.inaccessible import inaccessible
from supergraph.composition.supergraph.rules.interface_field_no_implem import (
    interface_field_no_implem,
)
from supergraph.composition.supergraph.rules.interface_field_type_mismatch import (
    interface_field_type_mismatch,
)
from supergraph.composition.supergraph.rules.interface_objects import (
    interface_key_missing_implementation_type,
    interface_object_with_federation_1_interface,
    interface_object_with_implementation,
    interface_object_without_interface,
)
from supergraph.composition.supergraph.rules.link_import_name_mismatch import (
    link_import_name_mismatch,
)
from supergraph.composition.supergraph.rules.missing_transitive_auth_requirements import (
    missing_transitive_auth_requirements,
)
from supergraph.composition.supergraph.rules.no_queries import no_queries

__all__ = ["validate_before_merging", "validate_merged_schema"]

_BEFORE = (interface_object_with_federation_1_interface, link_import_name_mismatch)
_AFTER = (
    no_queries,
    interface_object_without_interface,
    interface_object_with_implementation,
    interface_key_missing_implementation_type,
    interface_field_no_implem,
    interface_field_type_mismatch,
    missing_transitive_auth_requirements,
    inaccessible,
)


def validate_before_merging(context: MergeContext) -> None:
    """Ask the rules that compare subgraphs as they are."""
    for rule in _BEFORE:
        rule(context)


def validate_merged_schema(context: MergeContext) -> None:
    """Ask the rules of the merged schema."""
    for rule in _AFTER:
        rule(context)
