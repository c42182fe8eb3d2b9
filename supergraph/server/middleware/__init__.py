"""ASGI middleware of the gateway, outermost first: request_log, mask_exceptions."""
