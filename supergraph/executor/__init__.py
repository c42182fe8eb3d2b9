"""Run a query plan: fetch, merge, and complete the client's response.

Invariant: a failing subgraph costs its own fields only. Nothing in here raises for what a subgraph
did; every loss stands in the response's errors.
"""
