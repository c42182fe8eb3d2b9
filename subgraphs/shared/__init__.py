"""What every service is built on: settings, database, identity, the ASGI app; no domain words."""
