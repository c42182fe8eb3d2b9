"""Registry of every error and hint code (see `registry`)."""
