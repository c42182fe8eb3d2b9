"""Who asks: signed access tokens, verified by every service itself.

A token is a JWT (HS256) that the users service signs at log-in and any service with the same key
verifies. The gateway only forwards the header; it is not trusted to say who somebody is.
"""

import hashlib
import os
import secrets
import tempfile
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from subgraphs.shared.errors import ServiceError, unauthenticated
from subgraphs.shared.settings import TOKEN_KEY_BYTES_MIN, ServiceSettings, SettingsError

__all__ = ["TokenKey", "Viewer", "bearer_token", "load_token_key", "read_or_create_key_file"]

ALGORITHM = "HS256"
ISSUER = "users"
KEY_FILE_NAME = "token.key"
#: Clocks of two machines may differ by this much.
CLOCK_LEEWAY_SECONDS = 10
#: A longer header value is not one of our tokens and is not worth the hashing.
TOKEN_CHARACTERS_MAX = 4096
#: Verified tokens kept; the one unused for longest is verified again when it comes back.
VERIFIED_TOKENS_MAX = 1024


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person a request acts for; everything they see belongs to their organisation."""

    user_id: str
    organization_id: str
    roles: frozenset[str]

    def has_role(self, role: str) -> bool:
        """Whether the person holds the role."""
        return role in self.roles


@dataclass(frozen=True, slots=True)
class _VerifiedToken:
    """The viewer of a token, and the moment from which it must be judged again."""

    viewer: Viewer
    expires_at: int


class TokenKey:
    """Signs and verifies access tokens with one secret.

    One request asks for its viewer many times, and one viewer sends many requests, so a token once
    verified is known by its digest until it expires.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = OctKey.import_key(secret)
        self._verified: OrderedDict[bytes, _VerifiedToken] = OrderedDict()

    def sign(self, viewer: Viewer, lifetime_seconds: int, now: float | None = None) -> str:
        """An access token for the viewer that expires after its lifetime."""
        issued_at = int(time.time() if now is None else now)
        claims = {
            "iss": ISSUER,
            "sub": viewer.user_id,
            "org": viewer.organization_id,
            "roles": sorted(viewer.roles),
            "iat": issued_at,
            "exp": issued_at + lifetime_seconds,
        }
        return jwt.encode({"alg": ALGORITHM}, claims, self._key, algorithms=[ALGORITHM])

    def verify(self, token: str, now: float | None = None) -> Viewer:
        """The viewer a token was signed for; raises UNAUTHENTICATED for any other text."""
        moment = int(time.time() if now is None else now)
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise _refusal()
        # JSON can write text that UTF-8 cannot; it is no token, but it must not be our fault.
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        known = self._verified.get(digest)
        if known is not None and moment < known.expires_at:
            self._verified.move_to_end(digest)
            return known.viewer
        verified = self._verify_signature(token, moment)
        self._verified[digest] = verified
        if len(self._verified) > VERIFIED_TOKENS_MAX:
            self._verified.popitem(last=False)
        return verified.viewer

    def _verify_signature(self, token: str, now: int) -> _VerifiedToken:
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=CLOCK_LEEWAY_SECONDS,
            iss={"essential": True, "value": ISSUER},
            sub={"essential": True},
            org={"essential": True},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims
            registry.validate(claims)
            return _VerifiedToken(_viewer_from_claims(claims), int(claims["exp"]))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _refusal() from error


def _refusal() -> ServiceError:
    # One answer for every bad token, whatever is wrong with it.
    return unauthenticated("The access token is not valid or has expired; log in again.")


def _viewer_from_claims(claims: dict[str, Any]) -> Viewer:
    roles = claims.get("roles", [])
    if not isinstance(roles, list):
        raise TypeError("roles is not a list")
    return Viewer(
        user_id=str(claims["sub"]),
        organization_id=str(claims["org"]),
        roles=frozenset(str(role) for role in roles),
    )


def bearer_token(authorization: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` value; None for no or another scheme."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def load_token_key(settings: ServiceSettings) -> TokenKey:
    """The key from the settings, else the installation's key file, made on first use."""
    if settings.token_key is not None:
        return TokenKey(settings.token_key)
    return TokenKey(read_or_create_key_file(settings.data_dir / KEY_FILE_NAME))


def read_or_create_key_file(path: Path) -> bytes:
    """A secret that lives in a file only its owner may read.

    Services that start together agree on one: the file appears complete, and whoever comes second
    reads it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create_key_file(path)
        secret = path.read_bytes().strip()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"The key file {path} cannot be used: {reason}") from error
    if len(secret) < TOKEN_KEY_BYTES_MIN:
        raise SettingsError(f"The key file {path} holds fewer than {TOKEN_KEY_BYTES_MIN} bytes")
    return secret


def _create_key_file(path: Path) -> None:
    # mkstemp creates with mode 0600; a hard link is the step that either names the finished file
    # or fails because another service was faster.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(TOKEN_KEY_BYTES_MIN).encode())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
