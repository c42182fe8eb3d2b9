"""`@fromContext` arguments, as `@join__field` records them."""

from supergraph.composition.schema.model import Field
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.federation.directives.from_context import FROM_CONTEXT, read_context
from supergraph.federation.values import ConstValue

__all__ = ["context_arguments", "context_name"]


def context_name(subgraph: str, name: str) -> str:
    """What a subgraph's context is called in the supergraph: contexts are never shared."""
    return f"{subgraph}__{name}"


def context_arguments(state: SubgraphState, field: Field) -> list[ConstValue]:
    """One object for each argument that is read from a context."""
    found: list[ConstValue] = []
    for argument in field.arguments.values():
        for application in argument.applied(FROM_CONTEXT.name):
            read = read_context(application.arguments.get("field"))
            if read is not None:
                found.append(
                    {
                        "context": context_name(state.name, read[0]),
                        "name": argument.name,
                        "type": argument.type,
                        "selection": read[1],
                    }
                )
    return found
