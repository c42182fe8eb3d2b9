"""A pooled HTTP/1.1 keep-alive client that does one thing: POST operations to one target.

It is small because the calls to subgraphs are what a gateway spends its time on. Not for redirects,
cookies, proxies, HTTP/2 or pipelining; WebSockets are aiohttp's.
"""
