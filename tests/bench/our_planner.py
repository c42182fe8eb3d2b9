"""Plans the documents on stdin (JSON) and prints the CPU each took, as JSON.

Stdin holds `supergraph`, `warm_up` and `documents` by name; all are parsed before, and the first
`warm_up` of each name are not measured. The same as `apollo_planner.cjs` does with Apollo's.
"""

import gc
import json
import sys
import time

from graphql import parse

from supergraph.federation.supergraph_state import parse_supergraph
from supergraph.planner.planner import Planner


def main() -> None:
    """Plan, print."""
    given = json.load(sys.stdin)
    planner = Planner(parse_supergraph(given["supergraph"]))
    parsed = {name: [parse(text) for text in texts] for name, texts in given["documents"].items()}
    gc.collect()
    gc.freeze()  # as the server does
    seconds = {}
    for name, documents in parsed.items():
        for document in documents[: given["warm_up"]]:
            planner.plan(document, None)
        measured = documents[given["warm_up"] :]
        begun = time.process_time()
        for document in measured:
            planner.plan(document, None)
        seconds[name] = (time.process_time() - begun) / len(measured)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
