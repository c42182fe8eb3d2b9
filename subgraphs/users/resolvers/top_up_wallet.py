"""Adding credits to the wallet of the viewer's organisation."""

from typing import Any

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.shared.context import ServiceInfo
from subgraphs.shared.errors import InputRefusedError, UserError
from subgraphs.shared.idempotency import Claim, once
from subgraphs.users import repository
from subgraphs.users.graphql_types.wallet import Wallet, WalletEntry
from subgraphs.users.models import IdempotencyRow
from subgraphs.users.names import Role, WalletEntryKind

__all__ = ["TopUpPayload", "TopUpWalletInput", "top_up_wallet"]

TOP_UP_CREDITS_MAX = 1_000_000
#: The largest number a GraphQL Int can hold: a balance must stay readable.
BALANCE_CREDITS_MAX = 2**31 - 1
NOTE_CHARACTERS_MAX = 200


@strawberry.input(description="Credits to add to the wallet of the viewer's organisation.")
class TopUpWalletInput:
    """How much, and a key that makes a repetition harmless."""

    amount_credits: int
    idempotency_key: str
    note: str = ""


@strawberry.type(description="The wallet after the top-up, or why there was none.")
class TopUpPayload:
    """The new entry and the wallet, or user errors."""

    entry: WalletEntry | None = None
    wallet: Wallet | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def top_up_wallet(info: ServiceInfo, input: TopUpWalletInput) -> TopUpPayload:  # noqa: A002
    """Add the credits once per idempotency key; only an owner may."""
    viewer = info.context.viewer_with_role(Role.OWNER)
    organization_id = viewer.organization_id
    try:
        _check(input)
        async with info.context.database.writing() as session:
            outcome = await once(
                session,
                IdempotencyRow,
                Claim(
                    organization_id=organization_id,
                    mutation="topUpWallet",
                    key=input.idempotency_key,
                    input={"amount": input.amount_credits, "note": input.note},
                ),
                lambda: _add(session, organization_id, input),
            )
            entry = await repository.wallet_entry(session, outcome["entry"])
            wallets = await repository.wallets_by_organization(session, [organization_id])
    except InputRefusedError as refused:
        return TopUpPayload(user_errors=refused.user_errors)
    return TopUpPayload(
        entry=WalletEntry.from_row(entry), wallet=Wallet.from_row(wallets[organization_id])
    )


def _check(given: TopUpWalletInput) -> None:
    if not 1 <= given.amount_credits <= TOP_UP_CREDITS_MAX:
        raise _refusal(
            "input.amountCredits",
            "AMOUNT_OUT_OF_RANGE",
            f"The amount must be from 1 to {TOP_UP_CREDITS_MAX} credits.",
        )
    if len(given.note) > NOTE_CHARACTERS_MAX or "\x00" in given.note:
        raise _refusal(
            "input.note",
            "INVALID_NOTE",
            f"The note must be text of at most {NOTE_CHARACTERS_MAX} characters.",
        )


async def _add(
    session: AsyncSession, organization_id: str, given: TopUpWalletInput
) -> dict[str, Any]:
    entry = await repository.add_wallet_entry(
        session, organization_id, WalletEntryKind.TOP_UP, given.amount_credits, given.note
    )
    # Judged after the update, which holds the lock: nobody can add to the balance in between.
    if entry.balance_after_credits > BALANCE_CREDITS_MAX:
        raise _refusal(
            "input.amountCredits",
            "BALANCE_TOO_LARGE",
            f"A wallet holds at most {BALANCE_CREDITS_MAX} credits.",
        )
    return {"entry": entry.id}


def _refusal(field: str, code: str, message: str) -> InputRefusedError:
    return InputRefusedError(UserError(field=field, code=code, message=message))
