"""The GraphQL types of the accounts service."""
