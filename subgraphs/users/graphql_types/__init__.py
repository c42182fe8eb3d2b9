"""The GraphQL types of the users service."""
