"""Settings: safe defaults, and a message with the variable's name for everything wrong."""

import pytest

from subgraphs.shared.settings import SettingsError, load_settings


def test_nothing_set_is_the_embedded_mode() -> None:
    settings = load_settings("users", 4001, {})

    assert settings.is_embedded
    assert str(settings.database_url) == "sqlite+aiosqlite:///data/users.db"
    assert (settings.host, settings.port, settings.redis_url) == ("127.0.0.1", 4001, None)


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"DATABASE_URL": "postgresql://u:p@h/d"}, "postgresql+asyncpg://u:***@h/d"),
        ({"DATABASE_URL": "postgres://h/d"}, "postgresql+asyncpg://h/d"),
        ({"USERS_DATABASE_URL": "sqlite:///x.db"}, "sqlite+aiosqlite:///x.db"),
        (
            {"DATABASE_URL": "postgresql://h/d", "USERS_DATABASE_URL": "postgresql://own/d"},
            "postgresql+asyncpg://own/d",
        ),
        ({"DATABASE_URL": "", "DATA_DIR": "d"}, "sqlite+aiosqlite:///d/users.db"),
    ],
)
def test_the_database_url(environment: dict[str, str], url: str) -> None:
    assert str(load_settings("users", 4001, environment).database_url) == url


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://h/d"),
        ("DATABASE_URL", "sqlite:///all.db"),
        ("USERS_DATABASE_URL", "sqlite://"),
        ("USERS_PORT", "0"),
        ("USERS_PORT", "65536"),
        ("USERS_PORT", "http"),
        ("USERS_TOKEN_KEY", "short"),
        ("USERS_TOKEN_LIFETIME_SECONDS", "-1"),
    ],
)
def test_a_wrong_value_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load_settings("users", 4001, {variable: value})


def test_secrets_are_not_in_the_repr() -> None:
    secret = "s" * 40
    settings = load_settings(
        "users",
        4001,
        {
            "USERS_TOKEN_KEY": secret,
            "DATABASE_URL": f"postgresql://u:{secret}@h/d",
            "REDIS_URL": f"redis://:{secret}@h",
        },
    )

    assert secret not in repr(settings)
