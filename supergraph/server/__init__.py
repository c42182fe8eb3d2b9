"""The gateway as an ASGI app: GraphQL over HTTP and WebSocket, health, and a page for browsers."""
