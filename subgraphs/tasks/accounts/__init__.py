"""What tasks knows of sending accounts: the port, and asking the accounts service over GraphQL."""
