"""Requests leave nothing behind, whether their documents are in the caches or come and go."""

import gc
import sys
from collections import Counter
from collections.abc import AsyncGenerator

import pytest

from supergraph.config.gateway import CacheConfig, GatewayConfig
from supergraph.names import SubgraphName
from supergraph.server.gateway import Gateway
from supergraph.traffic.payload import encode_request
from supergraph.traffic.reply import read_reply
from supergraph.traffic.transport import SubgraphReply, SubgraphRequest
from tests.bench.many_documents import SUBGRAPHS, Answers, document, supergraph_sdl

DOCUMENTS = 80
#: Entries in a cache: most documents have to be read and planned anew in each round.
CACHED = 20
#: In turn, so that some requests meet what the ones before them made.
REPEATS = 4
#: Types made for responses are shared by weak references, which settle in the first rounds.
WARM_UP_ROUNDS = 6
ROUNDS = 5
#: Far less than one object for each request.
OBJECTS_MAX = 200
BLOCKS_MAX = 500


class Canned:
    """A subgraph that answers the same to the same request."""

    def __init__(self, name: str) -> None:
        self._name = SubgraphName(name)
        self._answers = Answers(name)

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def execute(self, request: SubgraphRequest) -> SubgraphReply:
        body = await self._answers.answer(encode_request(request, self._name))
        return read_reply(body, 200, self._name)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphReply, None]:
        yield await self.execute(request)


@pytest.mark.timeout(600)
async def test_neither_objects_nor_memory_grow_with_the_number_of_requests() -> None:
    config = GatewayConfig(caches=CacheConfig(documents=CACHED, plans=CACHED))
    subgraphs = {name: Canned(name) for name in SUBGRAPHS}
    texts = [document(number) for number in range(DOCUMENTS)]
    answers: dict[str, str] = {}

    async def ask_all(gateway: Gateway) -> None:
        for text in texts:
            for _ in range(REPEATS):
                result = await gateway.execute(text)
                assert result.errors == []
                assert answers.setdefault(text, str(result.data)) == str(result.data)

    async with Gateway(supergraph_sdl(), subgraphs, config) as gateway:
        for _ in range(WARM_UP_ROUNDS):
            await ask_all(gateway)
        blocks, objects = measured()
        for _ in range(ROUNDS):
            await ask_all(gateway)
        blocks_after, objects_after = measured()
    grown = objects_after - objects
    assert sum(grown.values()) <= OBJECTS_MAX, grown.most_common(10)
    assert blocks_after - blocks <= BLOCKS_MAX


def measured() -> tuple[int, Counter[str]]:
    """Allocated blocks, and the living objects by type, after all garbage is gone."""
    gc.collect()
    objects = Counter(type(item).__qualname__ for item in gc.get_objects())
    return sys.getallocatedblocks(), objects
