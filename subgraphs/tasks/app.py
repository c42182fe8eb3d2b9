"""The tasks service's ASGI app: `uvicorn subgraphs.tasks.app:app`."""

from subgraphs.shared.app import create_service_app
from subgraphs.tasks.service import SERVICE

__all__ = ["app"]

app = create_service_app(SERVICE)
