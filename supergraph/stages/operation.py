"""Operation: choose which operation of the document runs, and coerce its variables, once.

https://spec.graphql.org/draft/#GetOperation() and #CoerceVariableValues()
"""

from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, OperationType, get_variable_values

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.stages.document import coded
from supergraph.stages.request import GraphQLRequest, Operation, ValidatedDocument

__all__ = ["choose_operation"]

#: Errors reported about one request's variables; more would help nobody.
VARIABLE_ERRORS_MAX = 20
#: Of an unknown operation's name, as far as it is quoted: the answer must not grow with it.
NAME_LENGTH_MAX = 100


def choose_operation(
    request: GraphQLRequest, document: ValidatedDocument, schema: GraphQLSchema
) -> Operation:
    """The operation to run; raises `ClientError` when there is no such one, or bad variables."""
    node = _named(document, request.operation_name)
    if request.read_only and node.operation is OperationType.MUTATION:
        raise ClientError(
            codes.MUTATION_FORBIDDEN, "A mutation cannot be sent by GET; send it by POST"
        )
    return Operation(request, document, node, _coerced_variables(request, node, schema))


def _named(document: ValidatedDocument, name: str | None) -> OperationDefinitionNode:
    if name is None:
        if len(document.operations) == 1:
            return document.operations[0]
        raise ClientError(
            codes.GRAPHQL_UNKNOWN_OPERATION_NAME,
            "The document has several operations: 'operationName' must name one"
            if document.operations
            else "The document has no operation",
        )
    for node in document.operations:
        if node.name is not None and node.name.value == name:
            return node
    raise ClientError(
        codes.GRAPHQL_UNKNOWN_OPERATION_NAME,
        f"The document has no operation named '{name[:NAME_LENGTH_MAX]}'",
    )


def _coerced_variables(
    request: GraphQLRequest, node: OperationDefinitionNode, schema: GraphQLSchema
) -> dict[str, Any]:
    result = get_variable_values(
        schema,
        node.variable_definitions or (),
        dict(request.variables),
        max_errors=VARIABLE_ERRORS_MAX,
    )
    if isinstance(result, list):
        raise ClientError(
            codes.BAD_USER_INPUT, result[0].message, coded(result, codes.BAD_USER_INPUT)
        )
    return result.coerced
