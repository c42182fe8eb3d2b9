"""The root fields of the users service."""
