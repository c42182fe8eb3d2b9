"""The hub: one source of events, many clients.

`feed` runs a source once and hands each event, encoded once, to every client that watches it;
`buffer` is what one client has not read yet; `hub` finds the feed that a client may share.
"""
