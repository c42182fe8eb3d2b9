"""`python -m subgraphs.accounts`: serve, print the schema, migrate, load demo data."""

import sys

from subgraphs.accounts.service import SERVICE
from subgraphs.shared.command import run_command

sys.exit(run_command(SERVICE))
