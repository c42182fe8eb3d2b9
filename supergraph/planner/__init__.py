"""From an operation to the plan of subgraph requests that answers it.

The stages, in order: `normalize` (fragments and duplicates resolved), `walk` (which subgraph
resolves which field: the query tree), `fetch` (the tree cut into requests: the fetch graph, and
its optimisations), `plan_nodes` (the executable result).

Invariant: the planner never sees the values of variables, so a plan serves every request with the
same document.
"""
