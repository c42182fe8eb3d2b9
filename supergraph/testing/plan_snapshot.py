"""Compare a printed plan with a file of the repository, so that every change is reviewed."""

import os
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Any

from supergraph.planner.print import print_plan
from supergraph.testing.planning import Planned, plan_of

__all__ = ["UPDATE_SNAPSHOTS", "assert_plan_snapshot"]

#: Set in the environment, to anything but "0", it writes the files instead of comparing.
UPDATE_SNAPSHOTS = "SUPERGRAPH_UPDATE_SNAPSHOTS"


def assert_plan_snapshot(
    supergraph: Planned,
    query: str,
    file: Path | str,
    *,
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> None:
    """Assert that the plan prints as it stands in the file."""
    __tracebackhide__ = True
    plan = plan_of(supergraph, query, operation_name=operation_name, variables=variables)
    printed = print_plan(plan) + "\n"
    path = Path(file)
    if os.environ.get(UPDATE_SNAPSHOTS, "0") not in {"", "0"}:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(printed, encoding="utf-8")
        return
    how = f"run with {UPDATE_SNAPSHOTS}=1 to write it"
    try:
        kept = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AssertionError(f"there is no snapshot {path} yet; {how}:\n\n{printed}") from None
    if kept != printed:
        lines = unified_diff(
            kept.splitlines(), printed.splitlines(), str(path), "the plan", lineterm=""
        )
        difference = "\n".join(lines)
        raise AssertionError(f"the plan is not that of {path}; {how} anew:\n\n{difference}")
