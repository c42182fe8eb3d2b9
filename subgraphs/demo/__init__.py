"""Trying the service out: demo data, a live campaign, and the whole stack without Docker."""
