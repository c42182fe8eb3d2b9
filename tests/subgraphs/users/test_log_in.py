"""Logging in: a token for the right password, one answer for everything else."""

import time

import pytest

from subgraphs.shared.auth import Viewer
from subgraphs.users import passwords
from tests.subgraphs.running_service import ADA, RunningService

LOG_IN = """
mutation LogIn($email: String!, $password: String!) {
  logIn(email: $email, password: $password) {
    accessToken
    expiresAt
    userErrors { field code message }
  }
}
"""


async def test_the_token_makes_its_bearer_the_viewer(users: RunningService) -> None:
    session = await users.data(LOG_IN, None, email=" Ada@Acme.example ", password="demo")

    response = await users.client.post(
        "/graphql",
        json={"query": "{ viewer { id email roles organization { name plan } } }"},
        headers={"Authorization": f"Bearer {session['logIn']['accessToken']}"},
    )

    assert response.json()["data"]["viewer"] == {
        "id": "usr_ada",
        "email": "ada@acme.example",
        "roles": ["OWNER", "OPERATOR"],
        "organization": {"name": "Acme Retail", "plan": "BUSINESS"},
    }


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@acme.example", "wrong"),
        ("nobody@acme.example", "demo"),
        ("", ""),
        ("x" * 5000, "demo"),
        ("\x00", "demo"),
        ("ada@acme.example", "x" * 100_000),
    ],
)
async def test_every_failure_has_the_same_answer(
    users: RunningService, email: str, password: str
) -> None:
    assert await users.data(LOG_IN, None, email=email, password=password) == {
        "logIn": {
            "accessToken": None,
            "expiresAt": None,
            "userErrors": [
                {
                    "field": None,
                    "code": "INVALID_CREDENTIALS",
                    "message": "The e-mail address or the password is wrong.",
                }
            ],
        }
    }


async def test_nobodys_password_is_hashed_like_anybodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shorter answer for unknown addresses would tell who has an account."""
    checked: list[str] = []
    monkeypatch.setattr(passwords, "_hasher", _RecordingHasher(checked))
    passwords._nobodys_hash.cache_clear()

    assert not await passwords.is_correct("x", None)
    assert not await passwords.is_correct("x", "somebody's hash")

    passwords._nobodys_hash.cache_clear()
    assert len(checked) == 2


class _RecordingHasher:
    def __init__(self, checked: list[str]) -> None:
        self.checked = checked

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def verify(self, password: str, stored_hash: str) -> bool:
        self.checked.append(stored_hash)
        return False


async def test_a_stale_token_does_not_prevent_logging_in(users: RunningService) -> None:
    response = await users.client.post(
        "/graphql",
        json={
            "query": LOG_IN,
            "variables": {"email": "linus@acme.example", "password": "demo"},
        },
        headers={"Authorization": "Bearer stale"},
    )

    assert response.json()["data"]["logIn"]["accessToken"]


async def test_a_token_of_a_removed_user_is_not_valid(users: RunningService) -> None:
    gone = Viewer("usr_gone", "org_acme", frozenset())

    assert await users.code("{ viewer { id } }", gone) == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "scheme", ["", "Bearer ", "Basic ", "Bearer not.a.token", "Bearer " + "x" * 9000]
)
async def test_anything_but_a_token_is_unauthenticated(users: RunningService, scheme: str) -> None:
    response = await users.client.post(
        "/graphql", json={"query": "{ viewer { id } }"}, headers={"Authorization": scheme}
    )

    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_expired_token_is_unauthenticated(users: RunningService) -> None:
    token = users.resources.token_key.sign(ADA, lifetime_seconds=1, now=time.time() - 3600)
    response = await users.client.post(
        "/graphql",
        json={"query": "{ viewer { id } }"},
        headers={"Authorization": f"Bearer {token}"},
    )

    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
