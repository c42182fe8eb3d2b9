"""The users service's mutations."""

import strawberry

from subgraphs.users.resolvers.log_in import SessionPayload, log_in
from subgraphs.users.resolvers.top_up_wallet import TopUpPayload, top_up_wallet

__all__ = ["Mutation"]


@strawberry.type
class Mutation:
    """What can be changed about people and money."""

    log_in: SessionPayload = strawberry.field(
        resolver=log_in, description="Exchange an e-mail address and a password for a token."
    )
    top_up_wallet: TopUpPayload = strawberry.field(
        resolver=top_up_wallet, description="Add credits to the wallet; only an owner may."
    )
