"""`python -m subgraphs.tasks`: serve, print the schema, migrate, load demo data."""

import sys

from subgraphs.shared.command import EXIT_USAGE, run_command
from subgraphs.shared.settings import SettingsError
from subgraphs.tasks.channels.choose import find_credentials
from subgraphs.tasks.service import SERVICE
from subgraphs.tasks.settings import load_accounts_url, load_worker_settings


def main() -> int:
    """Check the settings that only this service has, then run the command."""
    try:
        load_accounts_url()
        find_credentials(load_worker_settings().credentials_file)
    except SettingsError as error:
        sys.stderr.write(f"tasks: {error}\n")
        return EXIT_USAGE
    return run_command(SERVICE)


if __name__ == "__main__":
    sys.exit(main())
