"""graphql-transport-ws without I/O: `server` faces clients, `client` faces subgraphs.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""
