"""One subgraph: its state, read from SDL, and the rules it must keep by itself."""
