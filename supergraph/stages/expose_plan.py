"""Show a client the plan of its operation, where the configuration lets it and a header asks.

The headers and the places of the answer are those of other gateways, so that their tools work:

| header | the plan stands in |
| --- | --- |
| `Apollo-Expose-Query-Plan: true` | `extensions.apolloQueryPlan`, as `object` and `text` |
| `Hive-Expose-Query-Plan: true` | `extensions.queryPlan` |

How long each fetch took stands in `extensions.fetches` beside them; for a subscription with each
event, the plan with the first. With `dry-run` in place of `true` nothing is executed: the answer
has the plan, and `data` is null.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from supergraph.planner.plan_nodes import QueryPlan
from supergraph.planner.print import print_plan
from supergraph.planner.serialize import plan_to_json
from supergraph.stages.fetch_times import FetchTimes

__all__ = ["Exposure", "exposure_asked"]

APOLLO_HEADER = "apollo-expose-query-plan"
HIVE_HEADER = "hive-expose-query-plan"
DRY_RUN = "dry-run"


@dataclass(frozen=True, slots=True)
class Exposure:
    """How a client wants to see the plan."""

    as_apollo: bool
    as_hive: bool
    is_dry_run: bool

    def of_times_only(self) -> "Exposure":
        """The same without the plan, which a client of a subscription has by now."""
        return Exposure(as_apollo=False, as_hive=False, is_dry_run=False)

    def extensions(self, plan: QueryPlan, times: FetchTimes | None = None) -> dict[str, Any]:
        """What the response's `extensions` hold."""
        plan_object = plan_to_json(plan) if self.as_apollo or self.as_hive else None
        shown: dict[str, Any] = {} if times is None else times.extensions()
        if self.as_apollo:
            shown["apolloQueryPlan"] = {"object": plan_object, "text": print_plan(plan)}
        if self.as_hive:
            shown["queryPlan"] = plan_object
        return shown


def exposure_asked(headers: Mapping[str, str]) -> Exposure | None:
    """What the headers (names in lower case) ask for; None where they do not."""
    apollo = headers.get(APOLLO_HEADER, "").lower()
    hive = headers.get(HIVE_HEADER, "").lower()
    asked = {apollo, hive} & {"true", DRY_RUN}
    if not asked:
        return None
    return Exposure(apollo in asked, hive in asked, DRY_RUN in asked)
