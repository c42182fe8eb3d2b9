"""The GraphQL types of the tasks service, one family per module."""
