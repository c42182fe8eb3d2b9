"""What a document costs that was never seen before, beside graphql-core in the same process.

Run it with `python -m tests.bench.document`. Reported is CPU time of parsing, checking limits and
validating: the least of several rounds, which holds on a busy machine, and the ratio of both.
"""

import time
from collections.abc import Callable

from graphql import GraphQLSchema, build_schema, parse, validate

from supergraph.config.gateway import LimitConfig
from supergraph.document.parse import parse_document
from supergraph.document.tables import SchemaTables
from supergraph.document.validate import is_certainly_valid
from supergraph.stages.limits import check_limits

SCHEMA = """
type Query {
  shelf(first: Int = 10, topic: Topic): [Book!]! readers: [Reader!] reader(id: ID!): Reader
}
enum Topic { SEA SKY }
type Book {
  isbn: ID! title: String! pages: Int price(currency: String): Float lent: Boolean
  notes(first: Int): [Note!]!
}
type Note { id: ID! text: String! by: Reader! about: Book }
type Reader { id: ID! name: String handle: String! notes: [Note!]! }
"""

DOCUMENTS = {
    "page": """
query Page {
  shelf(first: 4) {
    isbn title pages price lent
    notes { id text by { id name handle } }
  }
}""",
    "variables": """
query Page($first: Int! = 4, $topic: Topic, $id: ID!, $more: Boolean = false) {
  shelf(first: $first, topic: $topic) {
    isbn title price(currency: "EUR") notes(first: $first) @include(if: $more) { id text }
  }
  reader(id: $id) { id name }
}""",
    "fragments": """
query Site {
  readers {
    ...Who
    notes { ...Said about { ...Item notes { ...Said by { ...Who notes { ...Said } } } } }
  }
  shelf { ...Item notes { ...Said by { ...Who notes { ...Said about { ...Item } } } } }
}
fragment Who on Reader { id name handle }
fragment Said on Note { id text }
fragment Item on Book { isbn title pages price lent }
""",
}

ROUNDS = 7
SECONDS_PER_ROUND = 0.05


def main() -> None:
    """Print one line per document."""
    schema = build_schema(SCHEMA)
    for name, text in DOCUMENTS.items():
        own, reference = measure(schema, text)
        print(
            f"{name:10} {own * 1e6:7.1f} µs   graphql-core {reference * 1e6:7.1f} µs   "
            f"ratio {own / reference:.3f}"
        )


def measure(schema: GraphQLSchema, text: str) -> tuple[float, float]:
    """CPU seconds for one document: ours, and graphql-core's."""
    limits, tables = LimitConfig(), SchemaTables(schema)

    def own() -> None:
        document = parse_document(text, limits.tokens)
        if document is None:
            raise AssertionError(text)
        check_limits(document, limits)
        if not is_certainly_valid(document, tables):
            raise AssertionError(text)

    def reference() -> None:
        document = parse(text, max_lexical_tokens=limits.tokens)
        check_limits(document, limits)
        if validate(schema, document):
            raise AssertionError(text)

    return cpu_seconds(own), cpu_seconds(reference)


def cpu_seconds(run: Callable[[], None]) -> float:
    """The least CPU time of one run over several rounds."""
    run()
    return min(_round(run) for _ in range(ROUNDS))


def _round(run: Callable[[], None]) -> float:
    begun = time.process_time()
    runs = 0
    while (spent := time.process_time() - begun) < SECONDS_PER_ROUND:
        run()
        runs += 1
    return spent / runs


if __name__ == "__main__":
    main()
