"""The users service's schema."""

from subgraphs.shared.schema import create_service_schema
from subgraphs.users.resolvers.mutations import Mutation
from subgraphs.users.resolvers.queries import Query

__all__ = ["schema"]

schema = create_service_schema(query=Query, mutation=Mutation)
