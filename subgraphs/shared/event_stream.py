"""The directive that lets a gateway serve a subscription field from the broadcast's events."""

import strawberry
from strawberry.schema_directive import Location

__all__ = ["EventStream"]


@strawberry.federation.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="eventStream",
    compose=True,
    import_url="https://specs.supergraph.example/events/v0.1",
)
class EventStream:
    """Where the events of a subscription field come from, and what they tell.

    A gateway that does not know the directive, or has no broadcast, asks the field's resolver.
    """

    channel: str
    message: str
    snapshot: str | None = strawberry.UNSET
    sequence: str | None = strawberry.UNSET
    final: str | None = strawberry.UNSET
    source: str | None = strawberry.UNSET
