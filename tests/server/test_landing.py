"""The page for browsers."""

import json
import re
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from supergraph.config.gateway import GraphiqlConfig
from supergraph.server.landing import Landing

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
HOSTILE = "</script><script>alert(1)</script><!-- &amp;"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A folder as vite leaves it."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-abc.js").write_text("export {}")
    (tmp_path / "index.html").write_text(
        '<script type="application/json" id="graphiql-config">{}</script>'
        '<script type="module" src="/graphiql/assets/index-abc.js"></script>'
    )
    return tmp_path


def settings_in(page: bytes) -> dict[str, object]:
    match = re.search(rb'id="graphiql-config">(.*?)</script>', page, re.DOTALL)
    assert match
    result: dict[str, object] = json.loads(match[1])
    return result


async def test_browser_gets_a_page_and_others_get_graphql(client: httpx2.AsyncClient) -> None:
    page = await client.get("/graphql", headers=BROWSER)
    answer = await client.get("/graphql", params={"query": "{ __typename }"})

    assert page.headers["content-type"].startswith("text/html")
    assert settings_in(page.content)["endpoint"] == "/graphql"
    assert answer.json() == {"data": {"__typename": "Query"}}


async def test_every_file_the_page_names_is_served(client: httpx2.AsyncClient) -> None:
    page = await client.get("/graphql", headers=BROWSER)
    names = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)

    assert names
    for name in names:
        assert (await client.get(name)).status_code == 200, name


async def test_policy_names_no_other_host(client: httpx2.AsyncClient) -> None:
    page = await client.get("/graphql", headers=BROWSER)
    policy = page.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert re.findall(r"\w+://[^ ;]+", policy) == ["ws://gateway", "wss://gateway"]
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def test_settings_cannot_end_their_script_element(bundle: Path) -> None:
    config = GraphiqlConfig(default_query=HOSTILE, default_headers={"x": HOSTILE, "empty": ""})
    page = Landing(config, "/graphql", bundle=bundle).page("host")

    assert HOSTILE.encode() not in page.body
    assert settings_in(bytes(page.body)) == {
        "endpoint": "/graphql",
        "subscriptionEndpoint": "/graphql",
        "subscriptions": "websocket",
        "defaultHeaders": {"x": HOSTILE},
        "defaultQuery": HOSTILE,
    }


def test_host_header_cannot_extend_the_policy(bundle: Path) -> None:
    page = Landing(GraphiqlConfig(), "/graphql", bundle=bundle).page("a; script-src *")

    assert b"script-src *" not in dict(page.headers)[b"content-security-policy"]


async def test_hashed_files_are_immutable_and_nothing_else_is_served(bundle: Path) -> None:
    landing = Landing(GraphiqlConfig(), "/graphql", bundle=bundle)
    transport = httpx2.ASGITransport(app=Starlette(routes=landing.routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        file = await client.get("/graphiql/assets/index-abc.js")
        page = await client.get("/graphiql/index.html")
        outside = await client.get("/graphiql/assets/..%2findex.html")

    assert "immutable" in file.headers["cache-control"]
    assert (page.status_code, outside.status_code) == (404, 404)


async def test_without_the_bundle_there_is_a_page_of_our_own(tmp_path: Path) -> None:
    landing = Landing(GraphiqlConfig(default_query="{ a }"), "/graphql", bundle=tmp_path)
    page = landing.page("host")
    transport = httpx2.ASGITransport(app=Starlette(routes=landing.routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        script = await client.get("/graphiql/fallback/fallback.js")

    assert not landing.is_bundled
    assert settings_in(bytes(page.body))["defaultQuery"] == "{ a }"
    assert script.status_code == 200
