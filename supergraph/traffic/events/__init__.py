"""Subscriptions served from events: the subgraph holds no connection for them.

See `supergraph.federation.event_streams` for what a subgraph declares. `message` reads what the
events tell, `operation` is the planner's request in the terms of channel, snapshot and message, and
`transport` puts them together.
"""
