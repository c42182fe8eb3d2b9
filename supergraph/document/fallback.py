"""What graphql-core is asked about a document that is not certainly valid."""

from typing import Any

from graphql import (
    ASTValidationRule,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    ValidationContext,
    specified_rules,
)
from graphql.validation import StreamDirectiveOnListField

from supergraph.document.doubt import DoubtError
from supergraph.document.merging import FieldMerging
from supergraph.document.tables import CompositeType, SchemaTables

__all__ = ["FIELD_COMPARISONS_MAX", "rules_in_doubt"]

#: What graphql-core may spend on comparing fields in pairs, in units of its own: two for a pair and
#: fifty for a page with a dozen fragments. Beyond it a document is refused: "Validation aborted."
FIELD_COMPARISONS_MAX = 20_000


class _BoundedMergingRule(OverlappingFieldsCanBeMergedRule):
    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = FIELD_COMPARISONS_MAX


class _StreamRule(StreamDirectiveOnListField):
    """graphql-core's rule looks for the field among those of its parent; a union has none."""

    def enter_directive(self, node: DirectiveNode, *others: Any) -> None:
        parent = self.context.get_parent_type()  # type: ignore[attr-defined] # of an operation
        if not isinstance(parent, GraphQLUnionType):
            super().enter_directive(node, *others)
            return
        try:
            super().enter_directive(node, *others)
        except AttributeError:
            message = f"Stream directive cannot be used on non-list field on type '{parent.name}'."
            self.report_error(GraphQLError(message, node))


def rules_in_doubt(document: DocumentNode, tables: SchemaTables) -> list[type[ASTValidationRule]]:
    """The rules that graphql-core has to check, in its order.

    Comparing fields is left out where they can certainly be merged, and bounded elsewhere: it is
    the one rule that takes graphql-core more than linear time.
    """
    merges = _merges(document, tables)
    rules: list[type[ASTValidationRule]] = []
    for rule in specified_rules:
        if rule is StreamDirectiveOnListField:
            rules.append(_StreamRule)
        elif rule is not OverlappingFieldsCanBeMergedRule:
            rules.append(rule)
        elif not merges:
            rules.append(_BoundedMergingRule)
    return rules


def _merges(document: DocumentNode, tables: SchemaTables) -> bool:
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    merging = FieldMerging(tables, fragments)
    try:
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                _check_levels(node.selection_set, tables.root(node.operation), tables, merging)
            elif isinstance(node, FragmentDefinitionNode):
                parent = tables.composite(node.type_condition.name.value)
                _check_levels(node.selection_set, parent, tables, merging)
    except (DoubtError, RecursionError):
        return False
    return True


def _check_levels(
    selection_set: SelectionSetNode,
    parent: CompositeType | None,
    tables: SchemaTables,
    merging: FieldMerging,
) -> None:
    """Check every selection set of a definition; those of inline fragments belong to the outer."""
    pending = [(selection_set, parent, True)]
    while pending:
        node, parent, is_level = pending.pop()
        if is_level and not _is_single(node):
            merging.check(parent, node)
        for selection in node.selections:
            if isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = parent if condition is None else tables.composite(condition.name.value)
                pending.append((selection.selection_set, inner, False))
            elif isinstance(selection, FieldNode) and selection.selection_set is not None:
                table = None if parent is None else parent.fields.get(selection.name.value)
                returns = None if table is None else table.returns
                pending.append((selection.selection_set, returns, True))


def _is_single(node: SelectionSetNode) -> bool:
    """One field or spread: a fragment's own fields are compared where it is defined."""
    selections = node.selections
    return len(selections) == 1 and not isinstance(selections[0], InlineFragmentNode)
