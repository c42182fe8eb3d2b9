"""The accounts service's ASGI app: `uvicorn subgraphs.accounts.app:app`."""

from subgraphs.accounts.service import SERVICE
from subgraphs.shared.app import create_service_app

__all__ = ["app"]

app = create_service_app(SERVICE)
