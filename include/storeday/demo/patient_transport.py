"""HTTP to an Airflow on SQLite: what it could not write down because another process wrote is asked again."""

from __future__ import annotations

import time

import httpx

TRIES = 5
BUSY = b"Database error"
"""What Airflow's answer 500 says where its database refused a statement; that transaction was rolled back whole."""


class PatientTransport(httpx.BaseTransport):
    """Asks again, a second apart, what was answered with a database error; gives the last answer as it is."""

    def __init__(self, inner: httpx.BaseTransport, pause_seconds: float = 1.0) -> None:
        self._inner, self._pause = inner, pause_seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request; its body is read."""
        for _ in range(TRIES - 1):
            answer = self._inner.handle_request(request)
            if answer.status_code != httpx.codes.INTERNAL_SERVER_ERROR or BUSY not in answer.read():
                return answer
            time.sleep(self._pause)
        return self._inner.handle_request(request)

    def close(self) -> None:
        """Give the connections back."""
        self._inner.close()
