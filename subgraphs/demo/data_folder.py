"""The folder that keeps an installation's data, checked before anything is started."""

import secrets
from pathlib import Path

from subgraphs.demo.processes import StartError

__all__ = ["prepare_data_folder", "token_key"]


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


def token_key(folder: Path) -> str:
    """The key that signs access tokens, made at the first call and kept in the folder."""
    path = folder / "stack-token.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii")
