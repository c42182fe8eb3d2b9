"""The demo's sending accounts: the same ids on every run.

They have no credentials: the demo sends through the simulated channel.
"""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.accounts.models import AccountRow
from subgraphs.accounts.names import (
    AccountHealth,
    AccountStatus,
    Channel,
    MessagingTier,
    QualityRating,
)
from subgraphs.shared.columns import utc_now

__all__ = ["load_demo_data"]

_STATUS_CHANGED_AT = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)

_BOTS = (
    ("acc_tg_1", "Acme News", "acme_news_bot", 1_200),
    ("acc_tg_2", "Acme Deals", "acme_deals_bot", 640),
    ("acc_tg_3", "Acme Orders", "acme_orders_bot", 310),
    ("acc_tg_4", "Acme Support", "acme_support_bot", 95),
    ("acc_tg_5", "Acme Loyalty", "acme_loyalty_bot", 0),
    ("acc_tg_6", "Acme Archive", "acme_archive_bot", 0),
    ("acc_tg_globex", "Globex Travel", "globex_travel_bot", 75),
)
_NUMBERS = (
    ("acc_wa_1", "Acme Berlin", "+493023125001", 800),
    ("acc_wa_2", "Acme Hamburg", "+494066969002", 420),
    ("acc_wa_3", "Acme Munich", "+498999998003", 150),
    ("acc_wa_4", "Acme Vienna", "+431234567804", 0),
    ("acc_wa_5", "Acme Zurich", "+41445550105", 40),
    ("acc_wa_6", "Acme Pop-up", "+493023125006", 0),
)
_RATINGS = {
    "acc_wa_1": (MessagingTier.TIER_10K, QualityRating.GREEN),
    "acc_wa_2": (MessagingTier.TIER_10K, QualityRating.GREEN),
    "acc_wa_3": (MessagingTier.TIER_2K, QualityRating.YELLOW),
    "acc_wa_4": (MessagingTier.TIER_100K, QualityRating.GREEN),
    "acc_wa_5": (MessagingTier.TIER_1K, QualityRating.GREEN),
    "acc_wa_6": (MessagingTier.TIER_250, QualityRating.UNKNOWN),
}
_DEGRADED = {"acc_tg_4"}


async def load_demo_data(session: AsyncSession) -> None:
    """Add the demo's rows; does nothing when they are there."""
    if (await session.scalars(select(AccountRow.id).where(AccountRow.id == "acc_tg_1"))).first():
        return
    session.add_all(_account(Channel.TELEGRAM, *bot) for bot in _BOTS)
    session.add_all(_account(Channel.WHATSAPP, *number) for number in _NUMBERS)


def _account(
    channel: Channel, account_id: str, display_name: str, address: str, used_count: int
) -> AccountRow:
    tier, rating = _RATINGS.get(account_id, (None, None))
    is_degraded = account_id in _DEGRADED
    return AccountRow(
        id=account_id,
        organization_id="org_globex" if account_id == "acc_tg_globex" else "org_acme",
        channel=channel,
        display_name=display_name,
        address=address,
        status=AccountStatus.ACTIVE,
        status_changed_at=_STATUS_CHANGED_AT,
        health=AccountHealth.DEGRADED if is_degraded else AccountHealth.HEALTHY,
        messaging_tier=tier,
        quality_rating=rating,
        used_count=used_count,
        used_on=utc_now().date(),
        reserved_capacity=0,
    )
