"""The root fields of the accounts service."""
