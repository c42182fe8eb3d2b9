"""Documents that clients name instead of sending: trusted ones, and those they registered.

`manifest` reads what a team deploys; `texts` keeps what clients registered by hash (automatic
persisted queries), in memory and, for several gateways, in Redis.
"""
