"""Which fragments are deferred.

https://github.com/graphql/graphql-spec/pull/1110 (`@defer(if: Boolean! = true, label: String)`):
a server may always answer without deferring, so that whatever is over a limit here stays where it
is and comes with the rest.
"""

from collections.abc import Collection, Iterable

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    VariableNode,
)

from supergraph.planner.operation import Deferral

__all__ = ["DEFERRALS_MAX", "DEFERRAL_VARIABLES_MAX", "Deferring", "may_defer"]

#: Deferred fragments of an operation, fragments expanded. Those beyond are not deferred.
DEFERRALS_MAX = 32
#: Variables that decide `@defer(if: $variable)`; a plan has a branch for each combination. What
#: depends on other variables is not deferred.
DEFERRAL_VARIABLES_MAX = 3


class Deferring:
    """Decides for one normalization of an operation.

    `variables` are those taken to be true, the others are false. With None all are true, and
    `found` lists on which deferrals depend. `count` is how many deferrals there are.
    """

    def __init__(self, variables: Collection[str] | None = None) -> None:
        self._variables = variables
        self.count = 0
        self.found: list[str] = []

    def deferral(
        self, directives: Iterable[DirectiveNode] | None, *, narrows: bool
    ) -> Deferral | None:
        """The deferral of a fragment with these directives; None where it is not deferred."""
        for directive in directives or ():
            if directive.name.value == "defer" and self.count < DEFERRALS_MAX:
                return self._decide(directive, narrows)
        return None

    def _decide(self, directive: DirectiveNode, narrows: bool) -> Deferral | None:
        arguments = {item.name.value: item.value for item in directive.arguments or ()}
        condition = arguments.get("if")
        if isinstance(condition, BooleanValueNode) and not condition.value:
            return None
        variable = condition.name.value if isinstance(condition, VariableNode) else None
        if variable is not None and not self._holds(variable):
            return None
        self.count += 1
        label = arguments.get("label")
        return Deferral(
            label.value if isinstance(label, StringValueNode) else None, variable, narrows
        )

    def _holds(self, variable: str) -> bool:
        if self._variables is not None:
            return variable in self._variables
        if variable not in self.found:
            self.found.append(variable)
        return True


def may_defer(document: DocumentNode) -> bool:
    """Whether there is a `@defer` anywhere in a document; most have none, and pay for this only."""
    return any(
        _has_defer(node.selection_set)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    )


def _has_defer(selection_set: SelectionSetNode) -> bool:
    for node in selection_set.selections:
        if not isinstance(node, FieldNode) and any(
            directive.name.value == "defer" for directive in node.directives or ()
        ):
            return True
        inner = node.selection_set if isinstance(node, FieldNode | InlineFragmentNode) else None
        if inner is not None and _has_defer(inner):
            return True
    return False
