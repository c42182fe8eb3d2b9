"""`make bench-compose`: how long composing a large supergraph takes, beside Apollo's composition.

Subgraphs are generated, 100 types each. Every measurement is a process of its own, and the two
libraries take turns on the same input, so that a busy machine is as busy for both. The time is
that of composing alone (parsing the SDL included); CPU and memory are the whole process's.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.apollo import APOLLO_VERSION, find_apollo
from tests.bench.generated_subgraphs import TYPES_PER_SUBGRAPH, generate_subgraphs
from tests.kit.servers import REPOSITORY

SIZES = (5, 10, 20, 50)
ROUNDS = 2

_OURS = (sys.executable, "-m", "tests.bench.our_compose")


@dataclass(frozen=True, slots=True)
class Measurement:
    """The fastest of the rounds."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    load_seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.seconds:7.2f} s   CPU {self.cpu_seconds:6.2f} s   {self.peak_megabytes:4.0f} MB"
        )


def main() -> None:
    """Measure each size and print one line per library."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    sizes: Sequence[int] = parser.parse_args().sizes
    apollo = find_apollo()
    commands = {"ours": _OURS}
    if apollo is not None:
        script = Path(__file__).with_name("apollo_compose.cjs")
        commands["apollo"] = ("node", str(script), str(apollo))
    print(f"Python {platform.python_version()}, @apollo/composition {APOLLO_VERSION}, ", end="")
    print(f"{os.cpu_count()} cores, the faster of {ROUNDS} rounds")
    ours = {size: measure_size(size, commands) for size in sizes}
    small, large = min(ours), max(ours)
    if small == large:
        return
    growth = ours[large].seconds / ours[small].seconds
    cpu_growth = ours[large].cpu_seconds / ours[small].cpu_seconds
    print(f"{large} subgraphs take {growth:.1f} times as long as {small}, ", end="")
    print(f"{cpu_growth:.1f} times the CPU (linear: {large / small:.1f})")


def measure_size(size: int, commands: dict[str, tuple[str, ...]]) -> Measurement:
    """Measure both libraries on so many subgraphs; returns ours."""
    subgraphs = [asdict(subgraph) for subgraph in generate_subgraphs(size)]
    characters = sum(len(subgraph["sdl"]) for subgraph in subgraphs)
    print(f"{size} subgraphs, {size * TYPES_PER_SUBGRAPH} types, {characters / 1e6:.2f} MB of SDL")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(subgraphs, file)
        file.flush()
        rounds: dict[str, list[Measurement]] = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                rounds[name].append(measure(command, Path(file.name)))
    best = {name: min(found, key=lambda each: each.seconds) for name, found in rounds.items()}
    for name, measurement in best.items():
        print(f"  {name:7} {measurement}")
    if "apollo" in best:
        print(f"  ratio   {best['ours'].seconds / best['apollo'].seconds:7.2f}")
    print(f"  loading the supergraph {best['ours'].load_seconds:.2f} s", flush=True)
    return best["ours"]


def measure(command: Sequence[str], subgraphs: Path) -> Measurement:
    """Run one process to its end; it must succeed."""
    with subgraphs.open() as stdin:
        process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, cwd=REPOSITORY)
        assert process.stdout is not None
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    reported = json.loads(output)
    return Measurement(
        seconds=reported["seconds"],
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_megabytes=usage.ru_maxrss / 1024,
        load_seconds=reported.get("load_seconds", 0.0),
    )


if __name__ == "__main__":
    main()
