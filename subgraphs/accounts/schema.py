"""The accounts service's schema."""

from subgraphs.accounts.graphql_types.account import (
    Organization,
    TelegramAccount,
    WhatsAppAccount,
)
from subgraphs.accounts.resolvers.mutations import Mutation
from subgraphs.accounts.resolvers.queries import Query
from subgraphs.accounts.resolvers.subscriptions import Subscription
from subgraphs.shared.schema import create_service_schema

__all__ = ["schema"]

schema = create_service_schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    types=[Organization, TelegramAccount, WhatsAppAccount],
)
