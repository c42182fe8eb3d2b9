"""What a resolver may ask of its request: who asks, the database, the loaders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

import strawberry

from broadcasting import Broadcast
from subgraphs.shared.auth import TokenKey, Viewer, bearer_token
from subgraphs.shared.database import Database
from subgraphs.shared.errors import forbidden, unauthenticated
from subgraphs.shared.settings import ServiceSettings

__all__ = ["RequestContext", "ServiceInfo", "ServiceResources"]

Loaders = TypeVar("Loaders")


@dataclass(frozen=True, slots=True)
class ServiceResources:
    """What one running service holds open, from its start to its end."""

    settings: ServiceSettings
    database: Database
    token_key: TokenKey
    broadcast: Broadcast


@dataclass(slots=True)
class RequestContext(Generic[Loaders]):
    """One HTTP request, or one WebSocket connection.

    `connection_params` is the payload of a WebSocket's `connection_init`, set by Strawberry.
    """

    resources: ServiceResources
    loaders: Loaders
    authorization: str | None = None
    connection_params: Mapping[str, object] | None = field(default=None)

    @property
    def database(self) -> Database:
        """The service's database."""
        return self.resources.database

    def viewer(self) -> Viewer:
        """Who asks; raises UNAUTHENTICATED without a valid token.

        Verified at every call: a token that expires while a WebSocket is open stops working.
        """
        token = bearer_token(self.authorization) or bearer_token(self._token_of_connection())
        if token is None:
            raise unauthenticated()
        return self.resources.token_key.verify(token)

    def viewer_with_role(self, *roles: str) -> Viewer:
        """Who asks, if they hold one of the roles; else FORBIDDEN."""
        viewer = self.viewer()
        if not viewer.roles.intersection(roles):
            raise forbidden(f"This needs the role {' or '.join(roles)}.")
        return viewer

    def _token_of_connection(self) -> str | None:
        params = self.connection_params or {}
        for name, value in params.items():
            if name.lower() == "authorization" and isinstance(value, str):
                return value
        return None


ServiceInfo: TypeAlias = strawberry.Info[RequestContext[Any], None]
