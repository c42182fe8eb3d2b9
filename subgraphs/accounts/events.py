"""Telling subscribers that an account's status changed."""

import json
import logging

from broadcasting import Broadcast, BroadcastUnavailableError
from subgraphs.accounts.models import AccountRow

__all__ = ["announce_status", "status_channel"]

logger = logging.getLogger(__name__)


def status_channel(organization_id: str) -> str:
    """The broadcast channel of an organisation's account changes."""
    return f"organization:{organization_id}:accounts"


async def announce_status(broadcast: Broadcast, account: AccountRow) -> None:
    """Publish a committed change.

    Losing it costs subscribers a moment, never the change: after a gap they read the state again.
    """
    message = json.dumps({"id": account.id, "status": account.status.value})
    try:
        await broadcast.publish(status_channel(account.organization_id), message)
    except BroadcastUnavailableError:
        logger.warning("the status change of %s was not announced", account.id, exc_info=True)
