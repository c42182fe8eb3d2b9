"""For the tests of a supergraph: plans as assertions, without sockets and without a test framework.

>>> from supergraph.testing import assert_plan_budget, assert_plan_snapshot
>>> assert_plan_budget(gateway, "{ me { name } }", fetches=1, waves=1)

Everything here takes a `Gateway`, started or not, or a supergraph's SDL.
"""

from supergraph.testing.plan_budget import assert_plan_budget
from supergraph.testing.plan_snapshot import UPDATE_SNAPSHOTS, assert_plan_snapshot
from supergraph.testing.planning import plan_of

__all__ = ["UPDATE_SNAPSHOTS", "assert_plan_budget", "assert_plan_snapshot", "plan_of"]
