"""Composes the subgraphs on stdin (JSON: [{name, url, sdl}]) and prints what it took, as JSON.

The same as `apollo_compose.cjs` does with Apollo's. `load_seconds` is what a gateway takes to read
the supergraph and to build its API schema.
"""

import json
import sys
import time

from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph
from supergraph.federation.api_schema import build_api_schema
from supergraph.federation.supergraph_state import parse_supergraph


def main() -> None:
    """Compose, load, print."""
    subgraphs = [Subgraph(**values) for values in json.load(sys.stdin)]
    begun = time.perf_counter()
    result = compose(subgraphs)
    seconds = time.perf_counter() - begun
    if result.supergraph_sdl is None:
        sys.exit("\n".join(error.message for error in result.errors))
    begun = time.perf_counter()
    build_api_schema(parse_supergraph(result.supergraph_sdl))
    load_seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "load_seconds": load_seconds}))


if __name__ == "__main__":
    main()
