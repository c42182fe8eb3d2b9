"""How many subgraph requests the gateway makes, counted at real services in this process."""

from subgraphs.demo.operations import read_operation
from tests.e2e.conftest import Counted

PAGE_OF_100 = """
query Page {
  campaigns(first: 100) {
    edges { node { name owner { displayName } accounts { displayName status } } }
  }
}
"""


async def test_the_readme_query_makes_the_fewest_possible_requests(counted: Counted) -> None:
    """Five is the least.

    users knows the viewer's organisation, and only then tasks can list its campaigns; only then
    are their owners and organisations (one request to users for both) and their accounts known;
    and `estimatedCost` requires the plan that users answered last.
    """
    data, requests = await counted.ask(read_operation("overview"))
    assert data["viewer"]["organization"]["campaigns"]["edges"][0]["node"]["estimatedCost"] > 0
    assert requests == {"users": 2, "tasks": 2, "accounts": 1}


async def test_a_page_of_100_campaigns_makes_one_entity_request_per_subgraph(
    counted: Counted,
) -> None:
    data, requests = await counted.ask(PAGE_OF_100)
    campaigns = [edge["node"] for edge in data["campaigns"]["edges"]]
    assert len(campaigns) == 100
    assert all(campaign["owner"]["displayName"] for campaign in campaigns)
    assert all(account["displayName"] for item in campaigns for account in item["accounts"])
    assert requests == {"tasks": 1, "users": 1, "accounts": 1}
    for name in ("users", "accounts"):
        [request] = counted.entity_requests(name)
        representations = [item["id"] for item in request.variables["representations"]]
        assert len(representations) == len(set(representations))
