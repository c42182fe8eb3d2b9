"""The accounts service as one record, for its app and its command line."""

from pathlib import Path

from subgraphs.accounts.credentials import load_cipher
from subgraphs.accounts.demo_data import load_demo_data
from subgraphs.accounts.loaders import AccountsLoaders
from subgraphs.accounts.models import Base
from subgraphs.accounts.schema import schema
from subgraphs.shared.migrate import Migrations
from subgraphs.shared.service import Service
from subgraphs.shared.settings import ServiceSettings

__all__ = ["SERVICE"]


def _check_settings(settings: ServiceSettings) -> None:
    load_cipher(settings)


SERVICE = Service(
    name="accounts",
    default_port=4002,
    schema=schema,
    migrations=Migrations("accounts", Path(__file__).parent / "migrations", Base.metadata),
    create_loaders=AccountsLoaders,
    load_demo_data=load_demo_data,
    check_settings=_check_settings,
)
