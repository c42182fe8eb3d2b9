"""`make bench-planner`: the CPU that planning an operation takes, beside Apollo's query planner.

Every document is planned once, and no two are alike, so that nothing is answered from a cache.
Both planners are warm, got the documents parsed, and take turns as processes of their own.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.apollo import APOLLO_VERSION, find_apollo
from tests.bench.planned_operations import OPERATIONS, documents, shop_supergraph
from tests.kit.servers import REPOSITORY

WARM_UP = 300
MEASURED = 500
ROUNDS = 2

_OURS = (sys.executable, "-m", "tests.bench.our_planner")


def main() -> None:
    """Measure both and print one line per operation."""
    commands = {"ours": _OURS}
    apollo = find_apollo()
    if apollo is not None:
        script = Path(__file__).with_name("apollo_planner.cjs")
        commands["apollo"] = ("node", str(script), str(apollo))
    given = {
        "supergraph": shop_supergraph(),
        "warm_up": WARM_UP,
        "documents": {name: documents(name, WARM_UP + MEASURED) for name in OPERATIONS},
    }
    print(f"Python {platform.python_version()}, @apollo/query-planner {APOLLO_VERSION}, ", end="")
    print(f"{os.cpu_count()} cores, {MEASURED} documents each, the better of {ROUNDS} rounds")
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            rounds[name].append(measure(command, given))
    for operation in OPERATIONS:
        best = {name: min(each[operation] for each in found) for name, found in rounds.items()}
        line = "".join(f"   {name} {1000 * best[name]:7.3f} ms" for name in best)
        ratio = f"   ratio {best['ours'] / best['apollo']:5.2f}" if "apollo" in best else ""
        print(f"{operation:10} CPU{line}{ratio}", flush=True)


def measure(command: Sequence[str], given: dict[str, object]) -> dict[str, float]:
    """Run one process to its end: the CPU seconds per plan, by operation."""
    done = subprocess.run(
        command,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
