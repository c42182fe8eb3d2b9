"""`python -m subgraphs.tasks`: serve, print the schema, migrate, load demo data."""

import sys

from subgraphs.shared.command import run_command
from subgraphs.tasks.service import SERVICE

sys.exit(run_command(SERVICE))
