"""The commands `storeday approve` and `storeday reject`: what a person says about a batch, without Airflow."""

from __future__ import annotations

from typing import Annotated

import typer

from storeday.cli.options import By, Why, open_workplace, say

BatchId = Annotated[str, typer.Option("--batch", metavar="ID", help="The batch's id, as its sheet and folder say.")]
DigestOf = Annotated[
    str,
    typer.Option("--digest", help="The digest that was read, where it is not the draft's of now.", metavar="SHA256"),
]


def approve_command(batch: BatchId, why: Why, by: By, digest: DigestOf = "") -> None:
    """Approve a draft as it is now: exactly these bytes may be delivered."""
    _answer(batch, digest, is_approval=True, why=why, by=by)


def reject_command(batch: BatchId, why: Why, by: By, digest: DigestOf = "") -> None:
    """Reject a draft: it stays one, with the reason."""
    _answer(batch, digest, is_approval=False, why=why, by=by)


def _answer(batch: str, digest: str, *, is_approval: bool, why: str, by: str) -> None:
    from storeday.stages.approval import answer

    with open_workplace() as work:
        known = work.ledger.batch(batch)
        if known is None:
            raise LookupError(
                f"no batch {batch!r}: a newer draft may have taken its place; storeday status says what waits"
            )
        said = answer(work, batch, digest or known.digest, is_approval=is_approval, why=why, by=by)
        company, day = said.company, said.trading_day.isoformat()
        automatic = work.settings.company(company).company.delivery == "automatic"
    say(f"{company} {day}: {said.words}")
    if is_approval:
        say(f"Deliver it: storeday deliver --company {company} --day {day}" + ("; the next run does too" * automatic))
    else:
        say(f"Put right what is wrong and run the day again: storeday run --day {day}")
