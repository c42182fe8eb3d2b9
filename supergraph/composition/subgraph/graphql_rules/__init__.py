"""What GraphQL itself asks of a schema; all of it is reported as INVALID_GRAPHQL."""
