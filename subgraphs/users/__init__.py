"""The users service: organisations, people and money."""
