"""The ids of deliveries."""

__all__ = ["delivery_id"]


def delivery_id(campaign_id: str, ordinal: int) -> str:
    """The id of a campaign's n-th delivery; freezing the same audience again gives the same ids."""
    return f"dlv_{campaign_id.removeprefix('cmp_')}_{ordinal:08d}"
