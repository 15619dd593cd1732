"""Asking Airflow again where its database was busy, and only there."""

from __future__ import annotations

import httpx
import pytest
from storeday.demo.patient_transport import TRIES, PatientTransport

BUSY = httpx.Response(500, json={"detail": {"reason": "Database error"}})


def asked(*answers: httpx.Response) -> tuple[int, httpx.Response, list[bytes]]:
    """How often a server that gives these answers, the last for ever, was asked; what came out; the bodies it got."""
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return answers[min(len(bodies), len(answers)) - 1]

    transport = PatientTransport(httpx.MockTransport(answer), pause_seconds=0)
    with httpx.Client(base_url="http://airflow", transport=transport) as client:
        came = client.post("/answer", json={"say": "yes"})
    return len(bodies), came, bodies


def test_what_a_busy_database_refused_is_asked_again_with_the_same_words() -> None:
    times, came, bodies = asked(BUSY, BUSY, httpx.Response(200))

    assert (times, came.status_code) == (3, 200)
    assert set(bodies) == {b'{"say":"yes"}'}


def test_a_database_that_stays_busy_is_told_as_it_is() -> None:
    times, came, _ = asked(BUSY)

    assert (times, came.status_code) == (TRIES, 500)


@pytest.mark.parametrize("status", [200, 404, 409, 500])
def test_any_other_answer_counts_at_once(status: int) -> None:
    times, came, _ = asked(httpx.Response(status, text="no"))

    assert (times, came.status_code) == (1, status)
