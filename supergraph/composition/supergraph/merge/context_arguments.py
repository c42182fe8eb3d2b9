"""`@fromContext` arguments, as `@join__field` records them."""

from supergraph.composition.schema.model import Field
from supergraph.composition.subgraph.state import SubgraphState
from supergraph.federation.directives.from_context import FROM_CONTEXT
from supergraph.federation.values import ConstValue

__all__ = ["context_arguments"]


def context_arguments(state: SubgraphState, field: Field) -> list[ConstValue]:
    """One object for each argument that is read from a context; contexts are named per subgraph."""
    found: list[ConstValue] = []
    for argument in field.arguments.values():
        for application in argument.applied(FROM_CONTEXT.name):
            text = str(application.arguments.get("field")).strip().removeprefix("$")
            name, _, selection = text.partition(" ")
            found.append(
                {
                    "context": f"{state.name}__{name}",
                    "name": argument.name,
                    "type": argument.type,
                    "selection": " " + selection,
                }
            )
    return found
