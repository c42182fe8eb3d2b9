"""`make schema`: the committed SDL of each subgraph and of the supergraph, written again."""

import subprocess
import sys
from collections.abc import Callable

from subgraphs.demo.topology import REPOSITORY, SUBGRAPH_PORTS

__all__ = ["SCHEMA", "composed_sdl", "subgraph_sdl", "write_schema_files"]

SCHEMA = REPOSITORY / "schema"

Say = Callable[[str], None]


def write_schema_files(say: Say) -> int:
    """Write every file of `schema/`; returns the exit code."""
    try:
        for name in SUBGRAPH_PORTS:
            (SCHEMA / f"{name}.graphql").write_text(subgraph_sdl(name), encoding="utf-8")
        (SCHEMA / "supergraph.graphql").write_text(composed_sdl(), encoding="utf-8")
    except subprocess.CalledProcessError as error:
        say(error.stderr)
        return 1
    say(f"Wrote {', '.join(sorted(path.name for path in SCHEMA.glob('*.graphql')))}")
    return 0


def subgraph_sdl(name: str) -> str:
    """What the subgraph prints as its schema today."""
    return _output("-m", f"subgraphs.{name}", "schema")


def composed_sdl() -> str:
    """What the subgraphs' committed schemas compose to today."""
    return _output("-m", "supergraph", "compose", "--config", "rover.yaml")


def _output(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
