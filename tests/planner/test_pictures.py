"""Pictures of plans: Mermaid's text and SVG."""

from dataclasses import replace
from textwrap import dedent
from xml.etree import ElementTree as ET

from supergraph.names import SubgraphName
from supergraph.planner.picture.mermaid import mermaid
from supergraph.planner.picture.svg import svg
from supergraph.planner.plan_nodes import FetchNode, QueryPlan
from tests.kit.check_plan import plan

SHOP = {
    "users": """
      type Query { me: User }
      type User @key(fields: "id") { id: ID! name: String! }
    """,
    "reviews": """
      type User @key(fields: "id") { id: ID! reviews: [Review!]! }
      type Review { body: String! author: User! }
    """,
}
QUERY = "query ($full: Boolean!) { me { reviews @include(if: $full) { body author { name } } } }"
SVG = "{http://www.w3.org/2000/svg}"


def named(name: str) -> QueryPlan:
    """A plan of one fetch, to a subgraph of any name."""
    found = plan(SHOP, "{ me { name } }")
    assert isinstance(found.node, FetchNode)
    return replace(found, node=replace(found.node, service_name=SubgraphName(name)))


def texts(picture: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(picture).iter(f"{SVG}text")]


def test_mermaid_has_a_group_for_each_wave_and_an_arrow_for_each_wait() -> None:
    assert (
        mermaid(plan(SHOP, QUERY))
        == dedent(
            """
        flowchart LR
          subgraph wave1["Wave 1"]
            f1["<b>users</b><br/>query<br/>#123; me #125;"]
          end
          subgraph wave2["Wave 2"]
            f2["<b>reviews</b><br/>User<br/>at me<br/>#123; reviews #125;<br/>if $full"]
          end
          subgraph wave3["Wave 3"]
            f3["<b>users</b><br/>User<br/>at me.reviews.@.author<br/>#123; name #125;<br/>if $full"]
          end
          f1 --> f2
          f2 --> f3
        """
        ).strip()
    )


def test_texts_cannot_break_out_of_mermaid() -> None:
    text = mermaid(named('x"]; click f1 "javascript:alert(1)" %% <script> #quot; `'))

    [box] = [line for line in text.splitlines() if line.strip().startswith("f1[")]
    assert box.count('"') == 2
    assert "<script" not in text
    assert "`" not in text
    assert "%" not in text


def test_svg_is_well_formed_and_says_the_same() -> None:
    found = texts(svg(plan(SHOP, QUERY)))

    assert [text for text in found if text.startswith("Wave")] == ["Wave 1", "Wave 2", "Wave 3"]
    assert [text for text in found if text in SHOP] == ["users", "reviews", "users"]
    assert "at me.reviews.@.author" in found
    assert "if $full" in found


def test_svg_has_a_box_for_each_fetch_and_a_line_for_each_wait() -> None:
    root = ET.fromstring(svg(plan(SHOP, QUERY)))

    assert len(root.findall(f"{SVG}rect")) == 1 + 3  # the paper, and the boxes
    assert len(root.findall(f"{SVG}path")) == 2


def test_boxes_of_a_wave_do_not_overlap_and_waves_go_to_the_right() -> None:
    shop = {**SHOP, "karma": 'type User @key(fields: "id") { id: ID! karma: Int }'}
    root = ET.fromstring(svg(plan(shop, "{ me { karma reviews { body } } }")))
    [_, first, upper, lower] = [
        {name: float(node.get(name, "0").rstrip("%")) for name in ("x", "y", "width", "height")}
        for node in root.findall(f"{SVG}rect")
    ]

    assert first["x"] + first["width"] < upper["x"] == lower["x"]
    assert upper["y"] + upper["height"] < lower["y"]


def test_texts_cannot_break_out_of_svg() -> None:
    picture = svg(named('"><script>alert(1)</script>&\x00\ud800'))

    assert texts(picture)[1] == '"><script>alert(1)</script>&??'
    assert "<script" not in picture


def test_long_texts_are_cut_and_long_paths_at_their_beginning() -> None:
    nested = "{ me { reviews { author { reviews { author { reviews { author { name } } } } } } } }"
    found = texts(svg(plan(SHOP, nested)))

    assert "at …@.author.reviews.@.author.reviews.@.author" in found
    assert max(map(len, texts(svg(named("x" * 500))))) < 60


def test_a_plan_without_requests_says_so() -> None:
    empty = plan(SHOP, "{ __typename }")

    assert "no subgraph is asked" in mermaid(empty)
    assert texts(svg(empty)) == ["no subgraph is asked"]
