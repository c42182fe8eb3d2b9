"""`python -m subgraphs.users`: serve, print the schema, migrate, load demo data."""

import sys

from subgraphs.shared.command import run_command
from subgraphs.users.service import SERVICE

sys.exit(run_command(SERVICE))
