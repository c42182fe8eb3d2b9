"""Assert how much an operation may cost in subgraph requests.

A wave is what runs at the same time: the number of waves is the number of round trips a client
waits for. Requests that are split because they carry too many entities count once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from supergraph.planner.picture.caption import caption_of
from supergraph.planner.print import print_plan
from supergraph.planner.waves import PlannedFetch, planned_fetches
from supergraph.testing.planning import Planned, plan_of

__all__ = ["assert_plan_budget"]


def assert_plan_budget(  # noqa: PLR0913 # the limits are options of one call
    supergraph: Planned,
    query: str,
    *,
    fetches: int | None = None,
    waves: int | None = None,
    fetches_of: Mapping[str, int] | None = None,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> None:
    """Assert that the plan makes at most so many fetches, in at most so many waves.

    `fetches_of` limits single subgraphs: `{"billing": 0}`. Without variables, fetches under
    `@skip` and `@include` count; with variables, those that run for them.
    """
    __tracebackhide__ = True
    plan = plan_of(supergraph, query, operation_name=operation_name, variables=variables)
    found = sorted(planned_fetches(plan), key=lambda item: item.wave)
    over = list(_over(found, fetches, waves, fetches_of or {}))
    if over:
        parts = ["the plan is over its budget", *over, "", *_overview(found), "", print_plan(plan)]
        raise AssertionError("\n".join(parts))


def _over(
    found: Sequence[PlannedFetch],
    fetches: int | None,
    waves: int | None,
    fetches_of: Mapping[str, int],
) -> Iterator[str]:
    if fetches is not None and len(found) > fetches:
        yield f"  {_count(len(found), 'fetch', 'fetches')}, and at most {fetches} allowed"
    last = max((item.wave for item in found), default=0)
    if waves is not None and last > waves:
        yield f"  {_count(last, 'wave', 'waves')}, and at most {waves} allowed"
    counts = Counter(item.fetch.service_name for item in found)
    for name, allowed in fetches_of.items():
        own = sum(count for subgraph, count in counts.items() if subgraph == name)
        if own > allowed:
            yield f"  {_count(own, 'fetch', 'fetches')} of {name}, and at most {allowed} allowed"


def _overview(found: Sequence[PlannedFetch]) -> Iterator[str]:
    for wave, members in groupby(found, key=lambda item: item.wave):
        yield f"wave {wave}"
        for item in members:
            caption = caption_of(item)
            yield f"  {caption.title}: {' '.join(caption.lines)}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
