"""A ledger made again from landing, journal and outbox, and proven: docs/runbooks/ledger-lost.md."""
