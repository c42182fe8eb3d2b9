"""Merging applied directives: which reach the supergraph, and what becomes of their arguments."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from supergraph.composition.schema.model import (
    AppliedDirective,
    Element,
    TypeDefinition,
    TypeKind,
)
from supergraph.composition.supergraph.context import ElementT, MergeContext, Source
from supergraph.composition.supergraph.merge.argument_strategies import ARGUMENT_STRATEGIES
from supergraph.composition.supergraph.merge.context_arguments import context_name
from supergraph.error_codes import hints
from supergraph.federation.directives.authenticated import AUTHENTICATED
from supergraph.federation.directives.cache_tag import CACHE_TAG
from supergraph.federation.directives.catalog import FEDERATION_DIRECTIVES
from supergraph.federation.directives.context import CONTEXT
from supergraph.federation.directives.cost import COST
from supergraph.federation.directives.inaccessible import INACCESSIBLE
from supergraph.federation.directives.list_size import LIST_SIZE
from supergraph.federation.directives.policy import POLICY
from supergraph.federation.directives.requires_scopes import REQUIRES_SCOPES
from supergraph.federation.directives.tag import TAG
from supergraph.federation.values import ConstValue, print_value

__all__ = ["MERGED_FEDERATION_DIRECTIVES", "merge_directives"]

#: The federation directives that reach the supergraph.
MERGED_FEDERATION_DIRECTIVES = frozenset(
    spec.name
    for spec in (
        AUTHENTICATED,
        CONTEXT,
        COST,
        INACCESSIBLE,
        LIST_SIZE,
        POLICY,
        REQUIRES_SCOPES,
        TAG,
    )
)
_BUILT_IN = {"deprecated", "specifiedBy", "oneOf"}


def merge_directives(
    context: MergeContext, merged: Element, sources: Sequence[Source[ElementT]], coordinate: str
) -> None:
    """Add to `merged` the directives that composition keeps, in the order of their names."""
    names = {application.name for _, element in sources for application in element.directives}
    for name in sorted(names):
        if name == CACHE_TAG.name:
            merged.directives += _join_per_graph(context, name, sources)
            continue
        repeatable = _is_kept(context, name)
        if repeatable is None:
            continue
        applied = [Source(state, element) for state, element in sources if element.has(name)]
        asking = context.composed_directives.get(name)
        if asking is not None and not any(state.name in asking for state, _ in applied):
            continue
        if name == "oneOf" and asking is None and not _is_input(merged):
            continue
        if repeatable:
            merged.directives += _distinct(name, applied)
        else:
            merged.directives.append(_merge_single(context, name, applied, coordinate))


def _is_kept(context: MergeContext, name: str) -> bool | None:
    """None when the directive is not composed, else whether it is repeatable."""
    if name in {TAG.name, CONTEXT.name}:
        return True
    if name in MERGED_FEDERATION_DIRECTIVES or name in _BUILT_IN:
        return False
    definition = context.schema.directive_definitions.get(name)
    if definition is None or name not in context.composed_directives:
        return None
    return definition.repeatable


def _arguments_key(arguments: Mapping[str, ConstValue]) -> str:
    return ", ".join(f"{name}: {print_value(arguments[name])}" for name in sorted(arguments))


def _distinct(name: str, sources: Sequence[Source[ElementT]]) -> list[AppliedDirective]:
    found: dict[str, AppliedDirective] = {}
    for state, element in sources:
        for application in element.applied(name):
            arguments = dict(application.arguments)
            if name == CONTEXT.name:
                arguments["name"] = context_name(state.name, str(arguments.get("name")))
            found.setdefault(_arguments_key(arguments), AppliedDirective(name, arguments))
    return list(found.values())


def _is_input(element: Element) -> bool:
    """Whether `@oneOf` means on the element what GraphQL means by it."""
    return isinstance(element, TypeDefinition) and element.kind is TypeKind.INPUT


def _join_per_graph(
    context: MergeContext, name: str, sources: Sequence[Source[ElementT]]
) -> list[AppliedDirective]:
    """What the supergraph carries without understanding it, with the subgraphs that say it."""
    graphs: dict[str, list[ConstValue]] = {}
    arguments: dict[str, ConstValue] = {}
    for state, element in sources:
        for application in element.applied(name):
            key = _arguments_key(application.arguments)
            arguments[key] = dict(application.arguments)
            graphs.setdefault(key, []).append(context.graph(state))
    return [
        AppliedDirective("join__directive", {"graphs": graphs[key], "name": name, "args": value})
        for key, value in arguments.items()
    ]


def _merge_single(
    context: MergeContext, name: str, sources: Sequence[Source[ElementT]], coordinate: str
) -> AppliedDirective:
    applications = [element.applied(name)[0] for _, element in sources]
    counts = Counter(_arguments_key(application.arguments) for application in applications)
    if len(counts) == 1:
        return AppliedDirective(name, dict(applications[0].arguments))
    strategies = ARGUMENT_STRATEGIES.get(name)
    if strategies is not None:
        context.hint(
            hints.MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS,
            f'The arguments of "@{name.removeprefix("federation__")}" on "{coordinate}" differ '
            "and were merged.",
            sources,
        )
        return AppliedDirective(name, _merge_arguments(name, strategies, applications))
    context.hint(
        hints.INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS,
        f'The arguments of "@{name.removeprefix("federation__")}" on "{coordinate}" differ; '
        "those that most subgraphs have were taken.",
        sources,
    )
    winner = counts.most_common(1)[0][0]
    chosen = next(a for a in applications if _arguments_key(a.arguments) == winner)
    return AppliedDirective(name, dict(chosen.arguments))


def _merge_arguments(
    directive: str,
    strategies: Mapping[str, Callable[[list[ConstValue]], ConstValue]],
    applications: Sequence[AppliedDirective],
) -> dict[str, ConstValue]:
    """Merge each argument; where it is left out, its default is what was meant."""
    specs = FEDERATION_DIRECTIVES[directive.removeprefix("federation__")].arguments
    merged: dict[str, ConstValue] = {}
    for name, strategy in strategies.items():
        values: list[ConstValue] = [
            value
            for application in applications
            if (value := application.arguments.get(name, specs[name].default)) is not None
        ]
        if values:
            merged[name] = strategy(values)
    return merged
