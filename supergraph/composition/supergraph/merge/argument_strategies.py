"""How differing arguments of one federation directive become one set of arguments.

A requirement of several subgraphs must hold for all of them, so lists of alternatives are
multiplied out; an estimate must not be too low, so the highest is taken.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import cast

from supergraph.federation.directives.cost import COST
from supergraph.federation.directives.list_size import LIST_SIZE
from supergraph.federation.directives.policy import POLICY
from supergraph.federation.directives.requires_scopes import REQUIRES_SCOPES
from supergraph.federation.values import ConstValue

__all__ = ["ARGUMENT_STRATEGIES", "Strategy", "all_of_each"]

Strategy = Callable[[list[ConstValue]], ConstValue]


def _highest(values: list[ConstValue]) -> ConstValue:
    return max(value for value in values if isinstance(value, int))


def _all_true(values: list[ConstValue]) -> ConstValue:
    return all(values)


def _union(values: list[ConstValue]) -> ConstValue:
    return list(dict.fromkeys(item for value in cast(list[list[str]], values) for item in value))


def all_of_each(demands: Iterable[Iterable[Iterable[str]]]) -> list[frozenset[str]]:
    """The alternatives that satisfy one alternative of every demand, without superfluous ones.

    What another alternative implies is dropped after each demand, which keeps the list short.
    """
    combined: list[frozenset[str]] = [frozenset()]
    for demand in demands:
        choices = sorted((frozenset(choice) for choice in demand), key=_printed) or [frozenset()]
        wider = dict.fromkeys(have | choice for have in combined for choice in choices)
        combined = _without_implied(sorted(wider, key=len))
    return combined


def _without_implied(alternatives: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    kept: list[frozenset[str]] = []
    for one in alternatives:
        if not any(other <= one for other in kept):
            kept.append(one)
    return kept


def _printed(choice: frozenset[str]) -> str:
    return json.dumps(sorted(choice), separators=(",", ":"))


def _conjunction(values: list[ConstValue]) -> ConstValue:
    demands = list({json.dumps(value): cast(list[list[str]], value) for value in values}.values())
    return cast(ConstValue, [sorted(one) for one in all_of_each(demands)])


ARGUMENT_STRATEGIES: Mapping[str, Mapping[str, Strategy]] = {
    REQUIRES_SCOPES.name: {"scopes": _conjunction},
    POLICY.name: {"policies": _conjunction},
    COST.name: {"weight": _highest},
    LIST_SIZE.name: {
        "assumedSize": _highest,
        "slicingArguments": _union,
        "sizedFields": _union,
        "requireOneSlicingArgument": _all_true,
    },
}
