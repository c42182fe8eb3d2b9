"""Names that pass between layers, as types of their own.

A subgraph's name and a type's name are both strings; giving each a type lets the checker catch
the day one is handed over as the other.
"""

from typing import NewType, TypeAlias

__all__ = ["ResponsePath", "SubgraphName", "TypeName"]

SubgraphName = NewType("SubgraphName", str)
TypeName = NewType("TypeName", str)

#: Where a value stands in a response: response keys and list indices, from the root.
ResponsePath: TypeAlias = tuple[str | int, ...]
