"""Approval: nothing is delivered but what a person read and approved, by its digest."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from shops import COMPANY, OpenShop, Shop, Typed
from storeday.ledger.ledger import AnswerOutdated, NotApproved
from storeday.model.store_day import State
from storeday.stages import check, collect, deliver, post, stage, would_stage
from storeday.stages.approval import answer, not_delivered, question, question_text
from storeday.stages.decisions import NotDecided
from tills import DAY, Till, sale, z

ASKING = COMPANY + "approval: required\n"
ANN = {"why": "read the sheet", "by": "Ann Smith"}


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    """A company that wants approval, with a day of 12.60 staged."""
    opened = open_shop("S01", company=ASKING)
    opened.send(Till("S01").slice("09:00", sale("12.60"), z()))
    opened.run()
    return opened


def drafted(shop: Shop) -> tuple[str, str]:
    """Id and digest of the draft."""
    [draft] = [each for each in shop.work.ledger.batches("corner-shops", DAY) if each.state == "draft"]
    return draft.id, draft.digest


def approve(shop: Shop, batch: str, digest: str, **said: str) -> None:
    answer(shop.work, batch, digest, is_approval=True, **{**ANN, **said})


def reject(shop: Shop, batch: str, digest: str, why: str = "the cash is wrong") -> None:
    answer(shop.work, batch, digest, is_approval=False, why=why, by="Bo Lee")


# Waiting


def test_a_run_leaves_a_draft_and_says_what_to_do(shop: Shop) -> None:
    batch, _ = drafted(shop)

    ran, said = shop.run()

    assert (ran.faults, shop.state("S01"), shop.rows()) == (0, State.STAGED, [])
    assert (
        f"batch {batch}, sales 12.60, waits for approval, because Corner Shops Ltd wants every batch approved" in said
    )
    assert f"storeday approve --batch {batch} --by NAME --why REASON" in said


def test_delivering_what_nobody_approved_is_refused(shop: Shop) -> None:
    batch, digest = drafted(shop)

    with pytest.raises(NotApproved, match=f"batch {batch} .{digest[:12]}. waits for approval; nothing was delivered"):
        deliver(shop.work, "corner-shops", DAY)

    assert shop.state("S01") is State.STAGED
    assert not_delivered(shop.work, DAY) == [str(question(shop.work, "corner-shops", DAY))]


def test_the_question_shows_totals_and_proof_as_money_and_names_the_digest(shop: Shop) -> None:
    batch, digest = drafted(shop)
    asked = question(shop.work, "corner-shops", DAY)
    assert asked

    text = question_text(shop.work, asked)

    assert asked.subject == f"corner-shops 2026-11-22: approve batch {batch}, 1 store, sales 12.60?"
    assert f"Batch **{batch}**, digest `{digest}`" in text
    assert "| S01 Shop S01 | 1 | 12.60 | 0.00 | 12.60 | 2.10 | 10.50 |" in text
    assert "| Store | Reference | Rows | Till control 1235 |" in text
    assert "| All |  | 3 | 0.00 | 2.10 | 10.50 | 0.00 | 0.00 |" in text


def test_names_are_shown_as_they_stand_whatever_somebody_typed(open_shop: OpenShop) -> None:
    shop = open_shop(S01="name: 'A|B *<b>'", company=ASKING)
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()
    asked = question(shop.work, "corner-shops", DAY)
    assert asked

    text = question_text(shop.work, asked)

    assert r"| S01 A\|B \*\<b\> | 1 |" in text


# Approved, rejected


def test_what_was_approved_is_delivered_and_the_event_says_by_whom(shop: Shop) -> None:
    batch, digest = drafted(shop)

    approve(shop, batch, digest)
    shop.run()

    assert shop.state("S01") is State.DELIVERED
    [event] = [each for each in shop.work.ledger.events("S01", DAY) if "approved" in each[3]]
    assert event[1:] == (
        "staged",
        "staged",
        f"batch {batch} ({digest[:12]}) approved by Ann Smith: read the sheet",
        "Ann Smith",
    )
    assert not_delivered(shop.work, DAY) == []


def test_an_approval_that_is_said_twice_counts_once(shop: Shop) -> None:
    batch, digest = drafted(shop)
    approve(shop, batch, digest)

    approve(shop, batch, digest)
    shop.run()
    approve(shop, batch, digest, by="Bo Lee")  # who was faster has it

    assert len([event for event in shop.work.ledger.events("S01", DAY) if "approved" in event[3]]) == 1


def test_a_run_again_with_nothing_new_keeps_the_approval(shop: Shop) -> None:
    batch, digest = drafted(shop)
    approve(shop, batch, digest)

    stage(shop.work, "corner-shops", DAY)

    asked = question(shop.work, "corner-shops", DAY)
    assert asked
    assert (asked.batch.digest, asked.is_approved) == (digest, True)


def test_a_rejection_needs_a_reason(shop: Shop) -> None:
    batch, digest = drafted(shop)

    with pytest.raises(NotDecided, match="needs a reason and a name"):
        reject(shop, batch, digest, why="  ")

    asked = question(shop.work, "corner-shops", DAY)
    assert asked
    assert asked.answered is None


def test_a_rejected_batch_stays_a_draft_until_somebody_approves_it(shop: Shop) -> None:
    batch, digest = drafted(shop)

    reject(shop, batch, digest)
    _, said = shop.run()
    stayed = shop.state("S01")
    approve(shop, batch, digest)
    shop.run()

    assert f"is a draft: batch {batch} ({digest[:12]}) rejected by Bo Lee: the cash is wrong" in said
    assert (stayed, shop.state("S01")) == (State.STAGED, State.DELIVERED)


# By digest alone


def late_receipt(shop: Shop) -> None:
    """A receipt more comes for the day, and the day is run again."""
    till = Till("S01")
    till.slice("09:00", sale("12.60"), z())
    shop.send(till.slice("10:00", sale("4.00"), z()))
    shop.run()


def test_an_approval_of_what_changed_since_is_refused_in_words(shop: Shop) -> None:
    batch, digest = drafted(shop)
    late_receipt(shop)

    with pytest.raises(AnswerOutdated, match=f"there is no batch '{batch}' any more: a newer draft took its place"):
        approve(shop, batch, digest)

    assert shop.state("S01") is State.STAGED
    assert drafted(shop) != (batch, digest)


def test_an_approval_covers_nothing_that_comes_after_it(shop: Shop) -> None:
    approve(shop, *drafted(shop))

    late_receipt(shop)

    assert shop.state("S01") is State.STAGED
    with pytest.raises(NotApproved):
        deliver(shop.work, "corner-shops", DAY)


def test_another_digest_of_the_same_rows_is_another_batch_to_read(shop: Shop) -> None:
    batch, digest = drafted(shop)
    other = "0" * 64

    with pytest.raises(AnswerOutdated, match=f"batch {batch} .000000000000. changed, or gave way to another since"):
        approve(shop, batch, other)

    assert shop.work.ledger.newest_answer(other) is None
    assert shop.work.ledger.newest_answer(digest) is None


def test_files_that_are_not_those_that_were_staged_are_not_approved(shop: Shop) -> None:
    batch, digest = drafted(shop)
    manifest = shop.home / "staging" / "corner-shops" / DAY.isoformat() / batch / "manifest.json"
    said = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**said, "trading_day": "2026-11-21"}))

    with pytest.raises(AnswerOutdated, match="its files are not those that were staged"):
        approve(shop, batch, digest)

    assert shop.work.ledger.newest_answer(digest) is None


def test_a_correction_is_asked_for_like_every_batch(shop: Shop) -> None:
    approve(shop, *drafted(shop))
    shop.run()
    late_receipt(shop)
    waiting = drafted(shop)

    approve(shop, *waiting)
    shop.run()

    taken = [row["Net Amount"] for row in shop.rows() if (row["Nominal A/C Ref"], row["Type"]) == ("1235", "JC")]
    assert sorted(taken) == ["12.60", "4.00"]


# Who is asked


@pytest.mark.parametrize(("days_after", "state"), [(-1, "delivered"), (0, "staged"), (29, "staged"), (30, "delivered")])
def test_a_new_store_is_asked_for_in_its_first_month_whatever_the_company_says(
    open_shop: OpenShop, days_after: int, state: str
) -> None:
    cutover = (DAY - timedelta(days=days_after)).isoformat()
    shop = open_shop("S02", S01=f"cutover: {cutover}")
    for store in ("S01", "S02"):
        shop.send(Till(store).slice("09:00", sale("12.60"), z()))

    shop.run()

    assert [shop.state("S01"), shop.state("S02")] == [state, state]  # one batch


def test_who_delivers_a_new_store_by_hand_has_looked_already(open_shop: OpenShop) -> None:
    shop = open_shop(S01=f"cutover: {DAY.isoformat()}", company=COMPANY.replace("automatic", "manual"))
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()

    deliver(shop.work, "corner-shops", DAY)

    assert shop.state("S01") is State.DELIVERED


def test_a_company_that_wants_approval_is_asked_for_what_it_delivers_by_hand(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=ASKING.replace("automatic", "manual"))
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()

    with pytest.raises(NotApproved):
        deliver(shop.work, "corner-shops", DAY)

    approve(shop, *drafted(shop))
    deliver(shop.work, "corner-shops", DAY)
    assert shop.state("S01") is State.DELIVERED


def test_nobody_is_asked_where_nothing_is_staged(open_shop: OpenShop) -> None:
    shop = open_shop("S01", company=ASKING)

    asked = question(shop.work, "corner-shops", date(2026, 11, 1))

    assert asked is None


def test_wanting_approval_later_checks_no_day_again(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()

    shop.settle(company=ASKING)
    _, said = shop.run()

    assert "S01 2026-11-22: delivered (nothing new)" in said


# A dry run


def test_a_dry_run_shows_what_would_be_staged_and_stages_nothing(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    till = Till("S01")
    shop.send(till.slice("09:00", sale("12.60"), z()))
    shop.run()
    shop.send(till.slice("10:00", sale("4.00"), z()))
    collect(shop.work, "S01")
    check(shop.work, "S01", DAY)
    post(shop.work, "S01", DAY)

    shown = would_stage(shop.work, "corner-shops", DAY)

    assert str(shown).endswith("would be staged, 3 rows of 1 store, sales 4.00")
    assert [batch.state for batch in shop.work.ledger.batches("corner-shops", DAY)] == ["delivered"]
    assert not (shop.home / "staging" / "corner-shops" / DAY.isoformat() / shown.batches[0]).exists()
    assert stage(shop.work, "corner-shops", DAY).batches == shown.batches  # and it was true


def test_a_dry_run_of_a_day_with_nothing_new_says_so(open_shop: OpenShop) -> None:
    shop = open_shop("S01")
    shop.send(Till("S01").slice("09:00", sale("12.60"), z()))
    shop.run()

    shown = would_stage(shop.work, "corner-shops", DAY)

    assert str(shown) == "corner-shops 2026-11-22: nothing new to be staged"
    assert shop.state("S01") is State.DELIVERED


# The command line


def test_a_batch_is_rejected_approved_and_delivered_at_the_command_line(shop: Shop, typed: Typed) -> None:
    batch, digest = drafted(shop)
    deliver_it = ("deliver", "--company", "corner-shops", "--day", "2026-11-22")

    refused, why_not = typed(*deliver_it)
    rejected, _ = typed("reject", "--batch", batch, "--why", "no sheet", "--by", "Bo Lee")
    approved, said = typed("approve", "--batch", batch, "--why", "read it", "--by", "Ann Smith")
    delivered, _ = typed(*deliver_it)

    assert (refused, rejected, approved, delivered) == (1, 0, 0, 0)
    assert f"batch {batch} ({digest[:12]}) waits for approval; nothing was delivered" in why_not
    assert said.splitlines() == [
        f"corner-shops 2026-11-22: batch {batch} ({digest[:12]}) approved by Ann Smith: read it",
        "Deliver it: storeday deliver --company corner-shops --day 2026-11-22; the next run does too",
    ]
    assert shop.state("S01") is State.DELIVERED


def test_a_batch_that_is_not_there_and_a_digest_that_was_not_read_are_refused(shop: Shop, typed: Typed) -> None:
    batch, _ = drafted(shop)

    unknown, no_batch = typed("approve", "--batch", "abcd", "--why", "read it", "--by", "Ann Smith")
    outdated, other = typed("approve", "--batch", batch, "--digest", "0" * 64, "--why", "read it", "--by", "Ann Smith")

    assert (unknown, outdated) == (2, 1)
    assert "no batch 'abcd'" in no_batch
    assert "nothing was approved" in other
