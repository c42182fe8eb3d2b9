"""Commands to a campaign: launch, pause, resume, cancel."""

from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from broadcasting import Broadcast, BroadcastUnavailableError
from subgraphs.shared.auth import Viewer
from subgraphs.shared.columns import utc_now
from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import InputRefusedError
from subgraphs.shared.idempotency import Claim, once
from subgraphs.shared.ids import usable_id
from subgraphs.tasks import repository
from subgraphs.tasks.announce import WAKE_CHANNEL, announce
from subgraphs.tasks.counting import finish_campaigns
from subgraphs.tasks.graphql_types.campaign import Campaign as CampaignType
from subgraphs.tasks.models import Campaign, Idempotency
from subgraphs.tasks.resolvers.create import EDITOR_ROLES
from subgraphs.tasks.resolvers.payloads import CampaignCommandInput, CampaignPayload, refusal
from subgraphs.tasks.resolvers.sending_accounts import SendingAccounts, ask_accounts
from subgraphs.tasks.states import Action, TaskState, next_state

__all__ = ["cancel_campaign", "launch_campaign", "pause_campaign", "resume_campaign"]

#: States in which a campaign has been launched; launching it again has an error of its own.
LAUNCHED = frozenset(TaskState) - {TaskState.DRAFT, TaskState.SCHEDULED, TaskState.REJECTED}


async def launch_campaign(info: ServiceInfo, input: CampaignCommandInput) -> CampaignPayload:  # noqa: A002
    """Launch now, if every account may send; the rest happens in the background.

    The accounts are judged at this moment. One that is paused later goes on sending for the
    campaigns that run: services do not hear of each other's changes yet.
    """
    viewer = info.context.viewer_with_role(*EDITOR_ROLES)
    async with info.context.database.reading() as session:
        key = (viewer.organization_id, usable_id(input.campaign_id) or "")
        account_ids = await repository.account_ids_of_campaign(session, key)
    accounts = await ask_accounts(info, account_ids)
    return await _command(info, input, Action.LAUNCH, accounts)


async def pause_campaign(info: ServiceInfo, input: CampaignCommandInput) -> CampaignPayload:  # noqa: A002
    """Send nothing further for now; what is being sent at this moment still goes out."""
    return await _command(info, input, Action.PAUSE)


async def resume_campaign(info: ServiceInfo, input: CampaignCommandInput) -> CampaignPayload:  # noqa: A002
    """Go on where the campaign was paused."""
    return await _command(info, input, Action.RESUME)


async def cancel_campaign(info: ServiceInfo, input: CampaignCommandInput) -> CampaignPayload:  # noqa: A002
    """Send nothing further, for good; what is queued is suppressed."""
    return await _command(info, input, Action.CANCEL)


async def _command(
    info: ServiceInfo,
    given: CampaignCommandInput,
    action: Action,
    accounts: SendingAccounts | None = None,
) -> CampaignPayload:
    viewer: Viewer = info.context.viewer_with_role(*EDITOR_ROLES)
    claim = Claim(
        organization_id=viewer.organization_id,
        mutation=f"{action.value.lower()}Campaign",
        key=given.idempotency_key,
        input={"campaign": given.campaign_id},
    )
    try:
        async with info.context.database.writing() as session:
            step = partial(_step, session, viewer, given, action, accounts)
            await once(session, Idempotency, claim, step)
            campaign = await session.get_one(Campaign, given.campaign_id, populate_existing=True)
    except InputRefusedError as refused:
        return CampaignPayload(user_errors=refused.user_errors)
    broadcast = info.context.resources.broadcast
    await announce(broadcast, campaign.snapshot())
    await _wake_workers(broadcast)
    return CampaignPayload(campaign=CampaignType.from_row(campaign))


async def _step(
    session: AsyncSession,
    viewer: Viewer,
    given: CampaignCommandInput,
    action: Action,
    accounts: SendingAccounts | None,
) -> dict[str, Any]:
    campaign = await session.scalar(
        select(Campaign)
        .where(
            Campaign.id == (usable_id(given.campaign_id) or ""),
            Campaign.organization_id == viewer.organization_id,
        )
        .with_for_update()
    )
    if campaign is None:
        raise refusal("input.campaignId", "CAMPAIGN_NOT_FOUND", "There is no such campaign.")
    if action is Action.LAUNCH and campaign.state in LAUNCHED:
        message = "The campaign was launched before."
        raise refusal("input.campaignId", "ALREADY_LAUNCHED", message)
    if action is Action.RESUME and not campaign.is_frozen:
        action = Action.RESUME_LAUNCHING
    state = next_state(campaign.state, action)
    if state is None:
        message = f"A campaign that is {campaign.state.value} cannot do this."
        raise refusal("input.campaignId", "ILLEGAL_TRANSITION", message)
    if accounts is not None:
        accounts.require_all("input.campaignId")
    campaign.state = state
    campaign.sequence += 1
    if action is Action.LAUNCH:
        campaign.started_at = utc_now()
    await session.flush()
    # A campaign with nothing on the way has ended with the command itself.
    if state is TaskState.CANCELLED or campaign.is_frozen:
        await finish_campaigns(session, [campaign.id])
    return {"id": campaign.id}


async def _wake_workers(broadcast: Broadcast) -> None:
    try:
        await broadcast.publish(WAKE_CHANNEL, "")
    except BroadcastUnavailableError:
        return  # Workers look by themselves every second.
