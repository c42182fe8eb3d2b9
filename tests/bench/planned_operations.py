"""A shop of four subgraphs, and operations on it that need most of what a planner does."""

from supergraph.composition.compose import compose
from supergraph.composition.result import Subgraph

__all__ = ["OPERATIONS", "documents", "shop_supergraph"]

_LINK = """extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.3"
  import: ["@key", "@shareable", "@external", "@requires", "@provides"]
)
"""
_SUBGRAPHS = {
    "customers": """
        type Query { viewer: Customer customer(id: ID!): Customer customers: [Customer!]! }
        type Customer @key(fields: "id") { id: ID! name: String handle: String @shareable }
    """,
    "catalogue": """
        type Query { items(first: Int = 5): [Item!]! }
        type Item @key(fields: "sku") { sku: ID! title: String price: Int grams: Int }
    """,
    "warehouse": """
        type Item @key(fields: "sku") {
          sku: ID!
          price: Int @external
          grams: Int @external
          available: Boolean
          postage: Int @requires(fields: "price grams")
        }
    """,
    "opinions": """
        type Opinion @key(fields: "id") {
          id: ID!
          text: String
          item: Item
          author: Customer @provides(fields: "handle")
        }
        type Customer @key(fields: "id") { id: ID! handle: String @external opinions: [Opinion!]! }
        type Item @key(fields: "sku") { sku: ID! opinions: [Opinion!]! }
    """,
}

_FRAGMENTS = """
fragment C on Customer { id handle name }
fragment O on Opinion { id text }
fragment I on Item { available title price postage sku grams }
"""

#: `%s` is the place of a field that makes a document different from all others.
OPERATIONS = {
    "small": "query Small { items(first: 5) { sku%s title } }",
    "federated": """query Federated {
      items(first: 3) {
        sku title%s price available postage
        opinions { id text author { id handle name } }
      }
    }""",
    "heavy": """query Heavy {
      customers {
        ...C%s
        opinions {
          ...O
          item { ...I opinions { ...O author { ...C opinions { ...O item { ...I } } } } }
        }
      }
      items { ...I opinions { ...O author { ...C opinions { ...O item { ...I } } } } }
    }"""
    + _FRAGMENTS,
}
#: The field that is put there, under another alias every time.
_UNIQUE_FIELD = {"small": "title", "federated": "title", "heavy": "name"}


def shop_supergraph() -> str:
    """The shop's supergraph SDL."""
    result = compose(
        [Subgraph(name, _LINK + sdl, f"http://{name}") for name, sdl in _SUBGRAPHS.items()]
    )
    assert result.supergraph_sdl is not None, [error.message for error in result.errors]
    return result.supergraph_sdl


def documents(name: str, count: int) -> list[str]:
    """So many documents of one operation, no two alike."""
    field = _UNIQUE_FIELD[name]
    return [OPERATIONS[name].replace("%s", f" alias{number}: {field}") for number in range(count)]
