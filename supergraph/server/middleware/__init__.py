"""ASGI middleware around the routes that the front passes on to: mask_exceptions."""
