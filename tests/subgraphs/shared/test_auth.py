"""Access tokens and the key file."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from subgraphs.shared.auth import TokenKey, Viewer, bearer_token, read_or_create_key_file
from subgraphs.shared.errors import ServiceError
from subgraphs.shared.settings import SettingsError

SECRET = b"s" * 32
ADA = Viewer("usr_ada", "org_acme", frozenset({"OWNER"}))
NOW = 1_800_000_000


def test_a_token_names_its_viewer_until_it_expires() -> None:
    key = TokenKey(SECRET)
    token = key.sign(ADA, lifetime_seconds=60, now=NOW)

    assert key.verify(token, now=NOW + 59) == ADA
    with pytest.raises(ServiceError):
        key.verify(token, now=NOW + 60 + 11)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"sub": None},
        {"org": None},
        {"exp": None},
        {"exp": "soon"},
        {"roles": "OWNER"},
    ],
)
def test_a_signed_token_without_our_claims_is_refused(claims: dict[str, object]) -> None:
    whole = {"iss": "users", "sub": "u", "org": "o", "roles": [], "exp": NOW + 60} | claims
    kept = {name: value for name, value in whole.items() if value is not None}
    token = jwt.encode({"alg": "HS256"}, kept, OctKey.import_key(SECRET))

    with pytest.raises(ServiceError) as caught:
        TokenKey(SECRET).verify(token, now=NOW)
    assert caught.value.code == "UNAUTHENTICATED"


def test_a_token_is_verified_once_and_again_when_it_expires(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: list[str] = []
    decode = jwt.decode
    monkeypatch.setattr(
        jwt, "decode", lambda token, *a, **k: decoded.append(token) or decode(token, *a, **k)
    )
    key = TokenKey(SECRET)
    token = key.sign(ADA, lifetime_seconds=60, now=NOW)

    assert [key.verify(token, now=NOW + second) for second in (0, 30, 59)] == [ADA] * 3
    assert len(decoded) == 1
    for _ in range(2):
        with pytest.raises(ServiceError):
            key.verify(token, now=NOW + 600)
    assert len(decoded) == 3


def test_the_tokens_used_last_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subgraphs.shared.auth.VERIFIED_TOKENS_MAX", 2)
    key = TokenKey(SECRET)
    tokens = [key.sign(ADA, lifetime_seconds=60 + n, now=NOW) for n in range(5)]

    assert all(key.verify(token, now=NOW) == ADA for token in tokens * 2)
    assert len(key._verified) == 2


@pytest.mark.parametrize("token", ["", "a.b.c", "e30.e30.", "ä", "\ud800", "x" * 5000])
def test_other_text_is_refused(token: str) -> None:
    with pytest.raises(ServiceError):
        TokenKey(SECRET).verify(token)


def test_another_key_or_no_signature_is_refused() -> None:
    token = TokenKey(b"t" * 32).sign(ADA, 60)
    header, payload, _ = token.split(".")

    for wrong in (token, f"{header}.{payload}.", f"eyJhbGciOiJub25lIn0.{payload}."):
        with pytest.raises(ServiceError):
            TokenKey(SECRET).verify(wrong)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", None),
        ("Bearer", None),
        ("Bearer ", None),
        ("", None),
        (None, None),
    ],
)
def test_the_bearer_scheme(header: str | None, token: str | None) -> None:
    assert bearer_token(header) == token


def test_services_that_start_together_agree_on_one_private_key_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "token.key"
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: read_or_create_key_file(path), range(32)))

    assert len(set(keys)) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["token.key"]


def test_a_damaged_key_file_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    path.write_text("short")

    with pytest.raises(SettingsError, match=r"token\.key"):
        read_or_create_key_file(path)
