"""gateway.yaml: what is read, and what is said about mistakes."""

import json
from pathlib import Path

import pytest

from supergraph.config.gateway import GatewayConfig, gateway_config_schema, load_gateway_config
from supergraph.errors import SupergraphError


def load(tmp_path: Path, text: str, **environment: str) -> GatewayConfig:
    file = tmp_path / "gateway.yaml"
    file.write_text(text)
    return load_gateway_config(file, environment)


def test_empty_file_means_safe_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, "# nothing\n")

    assert config == GatewayConfig()
    assert not config.introspection_enabled
    assert not config.graphiql_enabled
    assert config.headers.forward == ()


def test_development_switches_introspection_on_unless_the_file_says_no(tmp_path: Path) -> None:
    assert load(tmp_path, "").for_development().introspection_enabled
    assert not load(tmp_path, "introspection: false").for_development().introspection_enabled


def test_development_exposes_query_plans_unless_the_file_says_no(tmp_path: Path) -> None:
    assert not load(tmp_path, "").exposes_query_plans
    assert load(tmp_path, "").for_development().exposes_query_plans
    refused = "introspection: false\nquery_plans:\n  expose: false\n"
    assert not load(tmp_path, refused).for_development().exposes_query_plans


def test_environment_is_expanded_before_types_are_decided(tmp_path: Path) -> None:
    text = (
        "listen:\n  port: ${env.PORT}\n"
        "graphiql:\n"
        "  default_headers:\n"
        "    authorization: Bearer ${env.TOKEN:-nobody}\n"
        "    x-empty: ${env.NOTHING:-}\n"
    )
    config = load(tmp_path, text, PORT="4100")

    assert config.listen.port == 4100
    assert config.graphiql.default_headers == {"authorization": "Bearer nobody", "x-empty": ""}


def test_a_subgraph_says_how_it_is_subscribed_to(tmp_path: Path) -> None:
    text = (
        "subgraphs:\n  users:\n    subscriptions: {protocol: callback, path: /live}\n"
        "subscriptions:\n  callback: {public_url: 'https://gateway.internal/callback'}\n"
    )
    config = load(tmp_path, text)

    assert config.subgraphs["users"].subscriptions.protocol == "callback"
    assert config.subscriptions.callback is not None
    assert config.subscriptions.callback.path == "/callback"


def test_override_labels_are_switches_or_percentages(tmp_path: Path) -> None:
    text = "override_labels:\n  new-prices: true\n  percent(5): false\n  users/all: 12.5\n"

    assert load(tmp_path, text).override_labels == {
        "new-prices": True,
        "percent(5)": False,
        "users/all": 12.5,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("listen:\n  port: many\n", ":2: listen.port: Expected `int`, got `str`"),
        ("listen:\n  prot: 1\n", ":2: listen.prot: unknown key"),
        ("\n\nlimit: {}\n", ":3: limit: unknown key"),
        ("limits:\n  depth: 0\n", ":2: limits.depth: Expected `int` >= 1"),
        (
            "subgraphs:\n  users: {target: a}\n  tasks:\n    target: 5\n",
            ":4: subgraphs.tasks.target: Expected `str | null`, got `int`",
        ),
        ("headers:\n  forward: [a, 1]\n", ":2: headers.forward.1: Expected `str`, got `int`"),
        (
            "subgraphs:\n  a:\n    subscriptions: {protocol: sockets}\n",
            ":3: subgraphs.a.subscriptions.protocol: Invalid enum value 'sockets'",
        ),
        ("subgraphs: {a: {subscriptions: {path: a}}}\n", ":1: subgraphs.a.subscriptions.path:"),
        ("subscriptions: {callback: {}}\n", ":1: subscriptions.callback"),
        (
            "subscriptions: {callback: {public_url: localhost}}\n",
            ":1: subscriptions.callback.public_url:",
        ),
        (
            "subscriptions:\n  callback: {public_url: 'http://a/b', path: /b/}\n",
            ":2: subscriptions.callback.path:",
        ),
        ("override_labels:\n  a: 101\n", ":2: override_labels.a: Expected `float` <= 100.0"),
        ("override_labels: {a: often}", ":1: override_labels.a: Expected `bool | float`"),
        ("listen: {port: 1}\nlisten: {port: 2}\n", ":2: listen: the key is given twice"),
        ("listen:\n  port: ${env.MISSING}\n", ":2: environment variable MISSING is not set"),
        ("listen: [\n", ":2: not valid YAML"),
        ("- a\n", ":1: the file: Expected `object`, got `array`"),
    ],
)
def test_mistake_is_told_with_line_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SupergraphError) as refused:
        load(tmp_path, text)

    assert f"gateway.yaml{message}" in refused.value.message
    assert refused.value.code.name == "CONFIG_INVALID"


def test_unreadable_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.yaml", "bytes.yaml", "."):
        with pytest.raises(SupergraphError) as refused:
            load_gateway_config(tmp_path / name)
        assert refused.value.code.name == "CONFIG_UNREADABLE"


def test_json_schema_names_every_key() -> None:
    schema = gateway_config_schema()
    definition = schema["$defs"]["GatewayConfig"]

    assert set(definition["properties"]) == set(GatewayConfig.__struct_fields__)
    assert definition["additionalProperties"] is False
    json.dumps(schema)
