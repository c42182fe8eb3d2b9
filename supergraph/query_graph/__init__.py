"""The graph of moves through subgraphs, shared by satisfiability and the planner."""
