"""How many messages an account may send in a day, from its platform's published limits.

Telegram: a bot may send about 30 messages a second, with no daily quota.
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
WhatsApp: unique customers in 24 hours by tier; without a tier limit, the throughput of a number,
80 messages a second, remains.
https://developers.facebook.com/docs/whatsapp/messaging-limits
"""

from typing import assert_never

from subgraphs.accounts.names import Channel, MessagingTier

__all__ = ["daily_capacity"]

DAY_SECONDS = 24 * 3600
TELEGRAM_MESSAGES_PER_SECOND = 30
WHATSAPP_MESSAGES_PER_SECOND = 80

_CUSTOMERS_BY_TIER = {
    MessagingTier.TIER_250: 250,
    MessagingTier.TIER_1K: 1_000,
    MessagingTier.TIER_2K: 2_000,
    MessagingTier.TIER_10K: 10_000,
    MessagingTier.TIER_100K: 100_000,
    MessagingTier.UNLIMITED: WHATSAPP_MESSAGES_PER_SECOND * DAY_SECONDS,
}


def daily_capacity(channel: Channel, tier: MessagingTier | None) -> int:
    """The messages a day; a WhatsApp number without a known tier has the smallest."""
    match channel:
        case Channel.TELEGRAM:
            return TELEGRAM_MESSAGES_PER_SECOND * DAY_SECONDS
        case Channel.WHATSAPP:
            return _CUSTOMERS_BY_TIER[tier or MessagingTier.TIER_250]
        case _:
            assert_never(channel)
