"""Reading `@link`: names, versions, imports."""

import pytest

from supergraph.federation.link import LinkError, parse_link, parse_link_url
from supergraph.federation.values import ConstValue
from supergraph.federation.versions import Version


def test_url_is_identity_name_and_version() -> None:
    url = parse_link_url("https://specs.apollo.dev/federation/v2.10")
    assert url.identity == "https://specs.apollo.dev/federation"
    assert (url.name, url.version) == ("federation", Version(2, 10))
    assert str(url) == "https://specs.apollo.dev/federation/v2.10"


def test_names_follow_imports_and_namespace() -> None:
    imports: ConstValue = ["@key", {"name": "@tag", "as": "@label"}, "FieldSet"]
    link = parse_link(
        {"url": "https://specs.apollo.dev/federation/v2.3", "as": "fed", "import": imports}
    )
    assert link.directive_name("key") == "key"
    assert link.directive_name("tag") == "label"
    assert link.directive_name("shareable") == "fed__shareable"
    assert link.type_name("FieldSet") == "FieldSet"
    assert link.type_name("Scope") == "fed__Scope"
    assert link.owns("label")
    assert not link.owns("tag")


def test_directive_named_like_its_specification_has_no_prefix() -> None:
    assert parse_link({"url": "https://specs.apollo.dev/tag/v0.3"}).directive_name("tag") == "tag"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "url"),
        ({"url": "https://a/b/v1.0", "for": "FUN"}, "SECURITY or EXECUTION"),
        ({"url": "https://a/b/v1.0", "import": "@x"}, "must be a list"),
        ({"url": "https://a/b/v1.0", "import": [1]}, "string or an object"),
        ({"url": "https://a/b/v1.0", "import": [{"nam": "@x"}]}, '"nam"'),
        ({"url": "https://a/b/v1.0", "import": [{"name": "X", "as": "@x"}]}, '"@"'),
    ],
)
def test_wrong_links_say_what_is_wrong(arguments: dict[str, ConstValue], says: str) -> None:
    with pytest.raises(LinkError, match=says):
        parse_link(arguments)
