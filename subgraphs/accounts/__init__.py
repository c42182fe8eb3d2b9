"""The accounts service: sending accounts and their capacity."""
