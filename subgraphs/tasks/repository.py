"""The reads of the tasks service. Every one is limited to an organisation: the viewer's."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.pagination import Keyset, Page, fetch_page
from subgraphs.tasks.models import (
    Campaign,
    CampaignAccount,
    Contact,
    ContactList,
    Delivery,
    ListMember,
    Template,
)
from subgraphs.tasks.states import DeliveryState, TaskState

__all__ = [
    "account_ids_of_campaign",
    "accounts_by_campaign",
    "active_campaigns_by_account",
    "campaigns_by_id",
    "campaigns_page",
    "contact_lists_page",
    "contacts_by_id",
    "deliveries_page",
    "list_sizes",
    "lists_by_id",
    "templates_by_id",
    "templates_page",
]

ACTIVE_STATES = (TaskState.LAUNCHING, TaskState.RUNNING, TaskState.PAUSED)

#: (organisation, id): a key that names its tenant cannot reach another's row.
TenantKey = tuple[str, str]


async def campaigns_by_id(
    session: AsyncSession, keys: Sequence[TenantKey]
) -> Mapping[TenantKey, Campaign]:
    """Campaigns by (organisation, id)."""
    where = tuple_(Campaign.organization_id, Campaign.id).in_(keys)
    return {
        (c.organization_id, c.id): c for c in await session.scalars(select(Campaign).where(where))
    }


async def templates_by_id(
    session: AsyncSession, keys: Sequence[TenantKey]
) -> Mapping[TenantKey, Template]:
    """Templates by (organisation, id)."""
    where = tuple_(Template.organization_id, Template.id).in_(keys)
    return {
        (t.organization_id, t.id): t for t in await session.scalars(select(Template).where(where))
    }


async def lists_by_id(
    session: AsyncSession, keys: Sequence[TenantKey]
) -> Mapping[TenantKey, ContactList]:
    """Contact lists by (organisation, id)."""
    where = tuple_(ContactList.organization_id, ContactList.id).in_(keys)
    found = await session.scalars(select(ContactList).where(where))
    return {(row.organization_id, row.id): row for row in found}


async def contacts_by_id(
    session: AsyncSession, keys: Sequence[TenantKey]
) -> Mapping[TenantKey, Contact]:
    """Contacts by (organisation, id)."""
    where = tuple_(Contact.organization_id, Contact.id).in_(keys)
    return {
        (c.organization_id, c.id): c for c in await session.scalars(select(Contact).where(where))
    }


async def list_sizes(session: AsyncSession, list_ids: Sequence[str]) -> Mapping[str, int]:
    """How many contacts each list has; the lists are known to be the viewer's."""
    rows = await session.execute(
        select(ListMember.list_id, func.count().label("size"))
        .where(ListMember.list_id.in_(list_ids))
        .group_by(ListMember.list_id)
    )
    return {row.list_id: row.size for row in rows}


async def accounts_by_campaign(
    session: AsyncSession, campaign_ids: Sequence[str]
) -> Mapping[str, list[CampaignAccount]]:
    """The accounts of each campaign in the order given; the campaigns are known to be ours."""
    found: dict[str, list[CampaignAccount]] = defaultdict(list)
    rows = await session.scalars(
        select(CampaignAccount)
        .where(CampaignAccount.campaign_id.in_(campaign_ids))
        .order_by(CampaignAccount.campaign_id, CampaignAccount.position)
    )
    for row in rows:
        found[row.campaign_id].append(row)
    return found


async def account_ids_of_campaign(session: AsyncSession, key: TenantKey) -> Sequence[str]:
    """The accounts of the campaign (organisation, id); none when there is no such campaign."""
    organization_id, campaign_id = key
    found = await session.scalars(
        select(CampaignAccount.account_id)
        .join(Campaign, Campaign.id == CampaignAccount.campaign_id)
        .where(Campaign.organization_id == organization_id, Campaign.id == campaign_id)
        .order_by(CampaignAccount.position)
    )
    return found.all()


async def active_campaigns_by_account(
    session: AsyncSession, keys: Sequence[TenantKey]
) -> Mapping[TenantKey, list[Campaign]]:
    """The unfinished campaigns that each (organisation, account) sends for."""
    found: dict[TenantKey, list[Campaign]] = defaultdict(list)
    rows = await session.execute(
        select(CampaignAccount.account_id, Campaign)
        .join(Campaign, Campaign.id == CampaignAccount.campaign_id)
        .where(
            tuple_(Campaign.organization_id, CampaignAccount.account_id).in_(keys),
            Campaign.state.in_(ACTIVE_STATES),
        )
        .order_by(Campaign.created_at, Campaign.id)
    )
    for account_id, campaign in rows:
        found[campaign.organization_id, account_id].append(campaign)
    return found


async def campaigns_page(
    session: AsyncSession,
    organization_id: str,
    page: tuple[int | None, str | None],
    *,
    states: Sequence[TaskState] | None = None,
    owner_id: str | None = None,
) -> Page[Campaign]:
    """The organisation's campaigns, newest first."""
    statement = select(Campaign).where(Campaign.organization_id == organization_id)
    if states is not None:
        statement = statement.where(Campaign.state.in_(states))
    if owner_id is not None:
        statement = statement.where(Campaign.owner_id == owner_id)
    keyset = Keyset("campaigns", (Campaign.created_at, Campaign.id), descending=True)
    return await fetch_page(session, statement, keyset, *page)


async def contact_lists_page(
    session: AsyncSession, organization_id: str, first: int | None, after: str | None
) -> Page[ContactList]:
    """The organisation's contact lists."""
    statement = select(ContactList).where(ContactList.organization_id == organization_id)
    return await fetch_page(session, statement, Keyset("lists", (ContactList.id,)), first, after)


async def templates_page(
    session: AsyncSession, organization_id: str, first: int | None, after: str | None
) -> Page[Template]:
    """The organisation's templates."""
    statement = select(Template).where(Template.organization_id == organization_id)
    return await fetch_page(session, statement, Keyset("templates", (Template.id,)), first, after)


async def deliveries_page(
    session: AsyncSession,
    campaign_id: str,
    state: DeliveryState | None,
    page: tuple[int | None, str | None],
) -> Page[Delivery]:
    """A campaign's deliveries in the order of its audience; the campaign is known to be ours."""
    statement = select(Delivery).where(Delivery.campaign_id == campaign_id)
    if state is not None:
        statement = statement.where(Delivery.state == state)
    return await fetch_page(session, statement, Keyset("deliveries", (Delivery.ordinal,)), *page)
