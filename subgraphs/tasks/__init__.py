"""The tasks service: contacts and consent, templates, campaigns, deliveries and their progress."""
