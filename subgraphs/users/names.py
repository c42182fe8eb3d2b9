"""The users service's enums, shared by its tables and its schema."""

from enum import StrEnum

import strawberry

__all__ = ["Plan", "Role", "WalletEntryKind"]


@strawberry.enum(description="What an organisation has subscribed to.")
class Plan(StrEnum):
    """The plans, from the smallest."""

    FREE = "FREE"
    BUSINESS = "BUSINESS"
    ENTERPRISE = "ENTERPRISE"


@strawberry.enum(description="What a member may do in their organisation.")
class Role(StrEnum):
    """The roles; a member may have several."""

    OWNER = "OWNER"
    OPERATOR = "OPERATOR"
    ANALYST = "ANALYST"


@strawberry.enum(description="Why a wallet's balance changed.")
class WalletEntryKind(StrEnum):
    """The kinds of wallet entries."""

    TOP_UP = "TOP_UP"
    CAMPAIGN = "CAMPAIGN"
    ADJUSTMENT = "ADJUSTMENT"
