"""The tasks service's ASGI app: `uvicorn subgraphs.tasks.app:app`."""

from broadcasting import Broadcast
from subgraphs.shared.app import create_service_app
from subgraphs.shared.context import ServiceResources
from subgraphs.shared.running_apps import running_app
from subgraphs.tasks.service import SERVICE

__all__ = ["app", "running_broadcast"]

app = create_service_app(SERVICE)


def running_broadcast() -> Broadcast | None:
    """Where the service of this process announces what changed; None while none runs."""
    running = running_app(SERVICE.name)
    if running is None:
        return None
    resources: ServiceResources = running.state.resources
    return resources.broadcast
