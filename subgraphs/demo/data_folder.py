"""The folder that keeps an installation's data, and the keys to it."""

import base64
import hashlib
from pathlib import Path

from subgraphs.demo.processes import StartError
from subgraphs.shared.auth import Viewer, load_token_key, read_or_create_key_file
from subgraphs.shared.settings import SettingsError, load_settings

__all__ = [
    "DEMO_EMAIL",
    "DEMO_PASSWORD",
    "demo_authorization",
    "prepare_data_folder",
    "shared_credentials_key",
]

DEMO_EMAIL = "ada@acme.example"
DEMO_PASSWORD = "demo"  # noqa: S105 - the demo data's public password
DEMO_VIEWER = Viewer("usr_ada", "org_acme", frozenset({"OWNER", "OPERATOR"}))
DEMO_TOKEN_SECONDS = 24 * 3600


def prepare_data_folder(folder: Path) -> Path:
    """Create the folder and prove that it can be written to; raises `StartError`."""
    probe = folder / ".writable"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartError(
            f"The data folder {folder} cannot be written to: {reason}. "
            "Choose another with DATA_DIR=/some/folder."
        ) from error
    return folder


def shared_credentials_key(folder: Path) -> str:
    """`ACCOUNTS_CREDENTIALS_KEY` of an installation on a shared database, kept in `folder`."""
    try:
        secret = read_or_create_key_file(folder / "shared-credentials.key")
    except SettingsError as error:
        raise StartError(str(error)) from error
    return base64.b64encode(hashlib.sha256(secret).digest()).decode()


def demo_authorization(folder: Path) -> str:
    """The Authorization header of the demo user, for an installation with data in `folder`.

    It is signed with the installation's own key, as the users service does at log-in, because
    GraphiQL's page needs it before anything runs that one could log in to.
    """
    try:
        settings = load_settings("users", 4001, {"DATA_DIR": str(folder)})
        token = load_token_key(settings).sign(DEMO_VIEWER, DEMO_TOKEN_SECONDS)
    except SettingsError as error:
        raise StartError(str(error)) from error
    return f"Bearer {token}"
