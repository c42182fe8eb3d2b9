"""The tasks service's mutations."""

import strawberry

from subgraphs.tasks.resolvers.command import (
    cancel_campaign,
    launch_campaign,
    pause_campaign,
    resume_campaign,
)
from subgraphs.tasks.resolvers.create import (
    create_campaign,
    create_contact_list,
    create_template,
    record_consent,
)
from subgraphs.tasks.resolvers.payloads import (
    CampaignPayload,
    ContactListPayload,
    ContactPayload,
    TemplatePayload,
)

__all__ = ["Mutation"]


@strawberry.type
class Mutation:
    """What can be done; each takes an idempotency key."""

    create_contact_list: ContactListPayload = strawberry.field(
        resolver=create_contact_list, description="Create a contact list with its contacts."
    )
    record_consent: ContactPayload = strawberry.field(
        resolver=record_consent, description="Record a contact's opt-in or opt-out."
    )
    create_template: TemplatePayload = strawberry.field(
        resolver=create_template, description="Create a message template."
    )
    create_campaign: CampaignPayload = strawberry.field(
        resolver=create_campaign, description="Create a campaign, as a draft or scheduled."
    )
    launch_campaign: CampaignPayload = strawberry.field(
        resolver=launch_campaign, description="Launch a draft or scheduled campaign now."
    )
    pause_campaign: CampaignPayload = strawberry.field(
        resolver=pause_campaign, description="Pause a campaign."
    )
    resume_campaign: CampaignPayload = strawberry.field(
        resolver=resume_campaign, description="Go on with a paused campaign."
    )
    cancel_campaign: CampaignPayload = strawberry.field(
        resolver=cancel_campaign, description="End a campaign for good."
    )
