"""How requests reach subgraphs: one small transport interface and its implementations."""
