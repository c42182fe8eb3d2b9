"""Pictures of a plan: its fetches as boxes, in a column for each wave."""
