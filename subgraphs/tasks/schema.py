"""The tasks service's schema."""

from subgraphs.shared.schema import create_service_schema
from subgraphs.tasks.graphql_types.channel_account import TelegramAccount, WhatsAppAccount
from subgraphs.tasks.resolvers.mutations import Mutation
from subgraphs.tasks.resolvers.queries import Query
from subgraphs.tasks.resolvers.subscriptions import Subscription

__all__ = ["schema"]

schema = create_service_schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[TelegramAccount, WhatsAppAccount],
)
