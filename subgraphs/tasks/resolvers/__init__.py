"""The root fields of the tasks service."""
