"""`make bench-compose`: how long our own subgraphs take to compose."""

import statistics
import time
from pathlib import Path

from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph
from tests.kit.servers import REPOSITORY

ROUNDS = 20


def main() -> None:
    """Compose the committed schemas again and again and print the times."""
    subgraphs = [read_subgraph(name) for name in ("users", "accounts", "tasks")]
    seconds = [compose_once(subgraphs) for _ in range(ROUNDS)]
    size = sum(len(subgraph.sdl) for subgraph in subgraphs)
    print(
        f"composing {len(subgraphs)} subgraphs ({size} characters), {ROUNDS} rounds: "
        f"first {seconds[0] * 1000:.1f} ms, median {statistics.median(seconds) * 1000:.1f} ms"
    )


def read_subgraph(name: str) -> Subgraph:
    """A subgraph with its committed schema."""
    sdl = Path(REPOSITORY / "schema" / f"{name}.graphql").read_text()
    return Subgraph(name=name, sdl=sdl)


def compose_once(subgraphs: list[Subgraph]) -> float:
    """The seconds of one composition, which must succeed."""
    begun = time.perf_counter()
    result = compose(subgraphs)
    elapsed = time.perf_counter() - begun
    if result.supergraph_sdl is None:
        raise SystemExit("\n".join(error.message for error in result.errors))
    return elapsed


if __name__ == "__main__":
    main()
