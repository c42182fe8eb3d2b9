"""The users service as one record, for its app and its command line."""

from pathlib import Path

from subgraphs.shared.migrate import Migrations
from subgraphs.shared.service import Service
from subgraphs.users.demo_data import load_demo_data
from subgraphs.users.loaders import UsersLoaders
from subgraphs.users.models import Base
from subgraphs.users.schema import schema

__all__ = ["SERVICE"]

SERVICE = Service(
    name="users",
    default_port=4001,
    schema=schema,
    migrations=Migrations("users", Path(__file__).parent / "migrations", Base.metadata),
    create_loaders=UsersLoaders,
    load_demo_data=load_demo_data,
)
