"""The users service's ASGI app: `uvicorn subgraphs.users.app:app`."""

from subgraphs.shared.app import create_service_app
from subgraphs.users.service import SERVICE

__all__ = ["app"]

app = create_service_app(SERVICE)
