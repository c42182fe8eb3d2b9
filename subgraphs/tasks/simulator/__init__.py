"""A simulator of both providers: their HTTP APIs, limits, errors and webhooks, on loopback."""
