"""Operation: choose which operation of the document runs, and coerce its variables, once.

https://spec.graphql.org/draft/#GetOperation() and #CoerceVariableValues()
"""

from graphql import GraphQLSchema, OperationDefinitionNode

from supergraph.error_codes import runtime as codes
from supergraph.errors import ClientError
from supergraph.stages.document import coded
from supergraph.stages.request import GraphQLRequest, KnownOperation, Operation, ValidatedDocument
from supergraph.stages.variables import compile_variables

__all__ = ["choose_operation", "named_operation"]

#: Of an unknown operation's name, as far as it is quoted: the answer must not grow with it.
NAME_LENGTH_MAX = 100


def choose_operation(
    request: GraphQLRequest,
    document: ValidatedDocument,
    schema: GraphQLSchema,
    *,
    introspection: bool,
) -> Operation:
    """The operation to run; raises `ClientError` when there is no such one, or bad variables."""
    known = document.known.get(request.operation_name)
    if known is None:
        known = _known(document, request.operation_name, schema, introspection=introspection)
        # Only names that the document has come here, and None: it bounds what is kept.
        document.known[request.operation_name] = known
    if request.read_only and known.kind == "mutation":
        raise ClientError(
            codes.MUTATION_FORBIDDEN, "A mutation cannot be sent by GET; send it by POST"
        )
    variables = known.coerce_variables(request.variables)
    if isinstance(variables, list):
        code = codes.BAD_USER_INPUT
        raise ClientError(code, variables[0].message, coded(variables, code))
    return Operation(request, document, known.node, variables, known.kind, known.name)


def _known(
    document: ValidatedDocument, name: str | None, schema: GraphQLSchema, *, introspection: bool
) -> KnownOperation:
    node = named_operation(document, name)
    # With introspection off a "did you mean" would give the schema away name by name.
    coerce = compile_variables(node, schema, hide_suggestions=not introspection)
    own_name = node.name.value if node.name else None
    return KnownOperation(node, node.operation.value, own_name, coerce)


def named_operation(document: ValidatedDocument, name: str | None) -> OperationDefinitionNode:
    """The operation of that name, or the only one; raises `ClientError` when there is none."""
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
