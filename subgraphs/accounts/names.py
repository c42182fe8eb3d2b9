"""The accounts service's enums, shared by its tables and its schema."""

from enum import StrEnum

import strawberry

__all__ = ["AccountHealth", "AccountStatus", "Channel", "MessagingTier", "QualityRating"]


@strawberry.enum(description="The platform an account sends through.")
class Channel(StrEnum):
    """The platforms, each through its official interface."""

    TELEGRAM = "TELEGRAM"
    WHATSAPP = "WHATSAPP"


@strawberry.enum(description="Whether an account may send.")
class AccountStatus(StrEnum):
    """The states of an account; the legal changes are in `status_table`."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    BANNED = "BANNED"


@strawberry.enum(description="What the last check of an account found.")
class AccountHealth(StrEnum):
    """From good to bad; UNKNOWN until the first check."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    UNREACHABLE = "UNREACHABLE"
    UNKNOWN = "UNKNOWN"


@strawberry.enum(
    description="How many customers a WhatsApp number may start talking to in 24 hours."
)
class MessagingTier(StrEnum):
    """WhatsApp's tiers."""

    TIER_250 = "TIER_250"
    TIER_1K = "TIER_1K"
    TIER_2K = "TIER_2K"
    TIER_10K = "TIER_10K"
    TIER_100K = "TIER_100K"
    UNLIMITED = "UNLIMITED"


@strawberry.enum(description="How WhatsApp rates a number's recent messages.")
class QualityRating(StrEnum):
    """WhatsApp's traffic light; UNKNOWN before there is a rating."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    UNKNOWN = "UNKNOWN"
