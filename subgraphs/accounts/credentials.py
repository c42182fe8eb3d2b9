"""Encrypting the platforms' access tokens at rest.

AES-256-GCM with the row's identity as associated data: a ciphertext copied to another row cannot
be read there. The stored bytes start with a version, so that keys can be rotated later. Plain
tokens leave this module only towards the platform, never towards GraphQL.
"""

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from subgraphs.shared.auth import read_or_create_key_file
from subgraphs.shared.settings import ServiceSettings, SettingsError

__all__ = ["CredentialsCipher", "UnreadableCredentialsError", "load_cipher"]

KEY_VARIABLE = "ACCOUNTS_CREDENTIALS_KEY"
KEY_FILE_NAME = "credentials.key"
KEY_BYTES = 32
VERSION = b"\x01"
NONCE_BYTES = 12


class UnreadableCredentialsError(Exception):
    """The bytes were not encrypted with this key for this row."""


class CredentialsCipher:
    """Encrypts and decrypts one account's credentials with the installation's key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, secret: str, account_id: str) -> bytes:
        """The bytes to store in the account's row."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, secret.encode(), _identity(account_id))

    def decrypt(self, stored: bytes, account_id: str) -> str:
        """The credentials of the account's row."""
        nonce, ciphertext = stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :]
        try:
            if stored[:1] != VERSION:
                raise ValueError("unknown version")  # noqa: TRY301 - one answer for all
            return self._cipher.decrypt(nonce, ciphertext, _identity(account_id)).decode()
        except (InvalidTag, ValueError) as error:
            message = f"The credentials of {account_id} cannot be read"
            raise UnreadableCredentialsError(message) from error


def load_cipher(settings: ServiceSettings) -> CredentialsCipher:
    """The cipher with the key from the settings; an embedded installation makes its own key file.

    With a shared database there is no file that all processes see, so there the key must be set.
    """
    text = settings.own.get(KEY_VARIABLE)
    if text:
        return CredentialsCipher(_parse_key(text))
    if not settings.is_embedded:
        raise SettingsError(f"{KEY_VARIABLE} must be set when the database is shared")
    # The file holds 64 hexadecimal digits: 32 bytes of key.
    content = read_or_create_key_file(settings.data_dir / KEY_FILE_NAME)
    try:
        return CredentialsCipher(bytes.fromhex(content.decode("ascii")))
    except ValueError as error:
        path = settings.data_dir / KEY_FILE_NAME
        raise SettingsError(f"The key file {path} does not hold a key") from error


def _parse_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(f"{KEY_VARIABLE} must be {KEY_BYTES} bytes in Base64")
    return key


def _identity(account_id: str) -> bytes:
    return f"channel_accounts.credentials:{account_id}".encode()
