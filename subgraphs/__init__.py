"""The messaging-operations service: one package per subgraph, and what they share."""
