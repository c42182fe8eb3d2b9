"""How differing arguments of one federation directive become one set of arguments.

A requirement of several subgraphs must hold for all of them, so lists of alternatives are
multiplied out; an estimate must not be too low, so the highest is taken.
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import cast

from supergraph.federation.directives.cost import COST
from supergraph.federation.directives.list_size import LIST_SIZE
from supergraph.federation.directives.policy import POLICY
from supergraph.federation.directives.requires_scopes import REQUIRES_SCOPES
from supergraph.federation.values import ConstValue

__all__ = ["ARGUMENT_STRATEGIES", "Strategy"]

Strategy = Callable[[list[ConstValue]], ConstValue]


def _highest(values: list[ConstValue]) -> ConstValue:
    return max(value for value in values if isinstance(value, int))


def _all_true(values: list[ConstValue]) -> ConstValue:
    return all(values)


def _union(values: list[ConstValue]) -> ConstValue:
    return list(dict.fromkeys(item for value in cast(list[list[str]], values) for item in value))


def _all_of_each(values: list[ConstValue]) -> ConstValue:
    """Conjunction of disjunctions of conjunctions, without alternatives another one implies."""
    alternatives = [
        frozenset(item for choice in choices for item in choice)
        for choices in product(*cast(list[list[list[str]]], values))
    ]
    minimal = {one for one in alternatives if not any(other < one for other in alternatives)}
    return cast(ConstValue, sorted(sorted(one) for one in minimal))


ARGUMENT_STRATEGIES: Mapping[str, Mapping[str, Strategy]] = {
    REQUIRES_SCOPES.name: {"scopes": _all_of_each},
    POLICY.name: {"policies": _all_of_each},
    COST.name: {"weight": _highest},
    LIST_SIZE.name: {
        "assumedSize": _highest,
        "slicingArguments": _union,
        "sizedFields": _union,
        "requireOneSlicingArgument": _all_true,
    },
}
