"""What a message costs, by the plan of the organisation."""

from enum import StrEnum

import strawberry

__all__ = ["Plan", "estimated_cost"]


@strawberry.enum(description="What an organisation has subscribed to.")
class Plan(StrEnum):
    """The plans, as the users service names them."""

    FREE = "FREE"
    BUSINESS = "BUSINESS"
    ENTERPRISE = "ENTERPRISE"


#: Credits for a thousand messages; a thousand, because credits are whole numbers.
CREDITS_PER_THOUSAND = {Plan.FREE: 2_000, Plan.BUSINESS: 1_000, Plan.ENTERPRISE: 600}


def estimated_cost(plan: Plan, recipients: int) -> int:
    """Credits for sending to so many recipients, rounded up."""
    return -(-recipients * CREDITS_PER_THOUSAND[plan] // 1_000)
