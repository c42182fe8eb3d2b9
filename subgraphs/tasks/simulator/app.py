"""The simulator as an ASGI app."""

import contextlib
from collections.abc import AsyncGenerator

from starlette.applications import Starlette

from subgraphs.tasks.simulator.config import SimulatorConfig
from subgraphs.tasks.simulator.control import Control
from subgraphs.tasks.simulator.state import SimulatorState
from subgraphs.tasks.simulator.telegram import SimulatedTelegram
from subgraphs.tasks.simulator.whatsapp import SimulatedWhatsApp

__all__ = ["create_simulator_app"]


def create_simulator_app(config: SimulatorConfig) -> Starlette:
    """Both providers and the control endpoints; serve it with `CuttableProtocol`."""
    state = SimulatorState(config)
    telegram, whatsapp = SimulatedTelegram(state), SimulatedWhatsApp(state)
    control = Control(state, telegram, whatsapp)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncGenerator[None]:
        async with state.webhooks.running():
            yield
        state.ledger.close()

    routes = [*control.routes(), *telegram.routes(), *whatsapp.routes()]
    return Starlette(routes=routes, lifespan=lifespan)
