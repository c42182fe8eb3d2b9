"""How many examples a property test tries.

`make test` tries the same ones every time, so that it fails for what was changed and nothing else.
`make test-full` looks for new ones.
"""

import os
from collections.abc import Collection

from hypothesis import HealthCheck, settings

__all__ = ["EXPLORES", "examples"]

EXPLORES = os.environ.get("SUPERGRAPH_TESTS_EXPLORE") == "on"
EXPLORING_FACTOR = 10


def examples(count: int, suppressed: Collection[HealthCheck] = ()) -> settings:
    """So many examples, and ten times as many where new ones are looked for."""
    return settings(
        max_examples=count * EXPLORING_FACTOR if EXPLORES else count,
        derandomize=not EXPLORES,
        deadline=None,  # timings decide nothing
        suppress_health_check=suppressed,
    )
