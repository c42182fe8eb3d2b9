"""Whether a document is certainly valid.

Every rule of the specification is checked in one pass over the document and one over its fragments
(https://spec.graphql.org/September2025/#sec-Validation). At anything that breaks a rule, or that
the passes do not judge, the answer is no, and graphql-core has to say. They do not judge:

- introspection, since how deep it may go has rules of its own,
- `@stream`, and `@defer` in mutations and subscriptions,
- subscriptions that select anything but one plain field,
- custom scalars with code of their own, of which the API schema has none.
"""

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    NonNullTypeNode,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
)

from supergraph.document.doubt import DoubtError
from supergraph.document.fragments import FragmentGraph
from supergraph.document.inputs import VariableUse, accepts, check_value
from supergraph.document.merging import FieldMerging
from supergraph.document.print import print_type
from supergraph.document.selections import Scope, SelectionWalk
from supergraph.document.tables import SchemaTables

__all__ = ["is_certainly_valid"]


def is_certainly_valid(document: DocumentNode, tables: SchemaTables) -> bool:
    """Whether no rule is broken, and nothing in the document asks for a closer look."""
    try:
        _Validation(document, tables).check()
    except (DoubtError, RecursionError):
        return False
    return True


class _Validation:
    def __init__(self, document: DocumentNode, tables: SchemaTables) -> None:
        self._tables = tables
        self._operations: list[OperationDefinitionNode] = []
        self._fragments: dict[str, FragmentDefinitionNode] = {}
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                self._operations.append(node)
            elif (
                isinstance(node, FragmentDefinitionNode) and node.name.value not in self._fragments
            ):
                self._fragments[node.name.value] = node
            else:
                raise DoubtError
        self._walk = SelectionWalk(tables, self._fragments)

    def check(self) -> None:
        names = {node.name.value for node in self._operations if node.name is not None}
        if len(names) < len(self._operations) and len(self._operations) > 1:
            raise DoubtError
        operations = [(node, self._operation(node)) for node in self._operations]
        fragments = {name: self._fragment(node) for name, node in self._fragments.items()}
        graph = FragmentGraph(fragments)
        for _, scope in operations:
            graph.check_operation(scope)
        graph.check_use()
        for node, scope in operations:
            reached = graph.reached(scope)
            self._check_variables(node, [use for item in reached for use in item.uses])
            if node.operation is not OperationType.QUERY and any(item.defers for item in reached):
                raise DoubtError
        merging = FieldMerging(self._tables, self._fragments)
        for scope in (*(scope for _, scope in operations), *fragments.values()):
            for level in scope.levels:
                if not graph.has_distinct_keys(level):
                    merging.check(level.parent, level.selection_set)

    def _operation(self, node: OperationDefinitionNode) -> Scope:
        root = self._tables.root(node.operation)
        if root is None:
            raise DoubtError
        if node.operation is OperationType.SUBSCRIPTION:
            _check_single_root_field(node.selection_set)
        scope = self._walk.definition(node.selection_set, root)
        self._walk.directives(node.directives or (), node.operation, scope)
        return scope

    def _fragment(self, node: FragmentDefinitionNode) -> Scope:
        type_ = self._tables.composite(node.type_condition.name.value)
        if type_ is None or node.variable_definitions:
            raise DoubtError
        scope = self._walk.definition(node.selection_set, type_)
        self._walk.directives(node.directives or (), FragmentDefinitionNode, scope)
        return scope

    def _check_variables(self, operation: OperationDefinitionNode, uses: list[VariableUse]) -> None:
        """Check the definitions of an operation's variables, and that uses agree with them."""
        definitions: dict[str, tuple[VariableDefinitionNode, str]] = {}
        for node in operation.variable_definitions or ():
            name = node.variable.name.value
            if name in definitions:
                raise DoubtError
            definitions[name] = (node, self._check_definition(node))
        used = set()
        for use in uses:
            if use.name not in definitions:
                raise DoubtError
            used.add(use.name)
            _check_use(use, *definitions[use.name])
        if len(used) < len(definitions):
            raise DoubtError

    def _check_definition(self, node: VariableDefinitionNode) -> str:
        """Check one definition; answers the variable's type."""
        reference = print_type(node.type)
        type_ = self._tables.input_type(reference)
        if type_ is None:
            raise DoubtError
        scope = Scope()
        if node.default_value is not None:
            check_value(node.default_value, type_, scope.uses)
        self._walk.directives(node.directives or (), VariableDefinitionNode, scope)
        return reference


def _check_use(use: VariableUse, definition: VariableDefinitionNode, given: str) -> None:
    """https://spec.graphql.org/September2025/#IsVariableUsageAllowed()."""
    place = use.place
    if place is None:
        return
    if use.is_one_of and not isinstance(definition.type, NonNullTypeNode):
        raise DoubtError
    wanted = place.reference
    if wanted == given:
        return
    if wanted.endswith("!") and not given.endswith("!"):
        default = definition.default_value
        if place.has_default or not (default is None or isinstance(default, NullValueNode)):
            wanted = wanted[:-1]
    if not accepts(wanted, given):
        raise DoubtError


def _check_single_root_field(selection_set: SelectionSetNode) -> None:
    """https://spec.graphql.org/September2025/#sec-Single-Root-Field."""
    if len(selection_set.selections) != 1:
        raise DoubtError
    node = selection_set.selections[0]
    if not isinstance(node, FieldNode) or node.name.value.startswith("__"):
        raise DoubtError
    if any(item.name.value in {"skip", "include"} for item in node.directives or ()):
        raise DoubtError
