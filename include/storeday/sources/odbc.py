"""A database that is reached over ODBC, or a SQLite file of the same shape, by an Airflow connection.

SQLAlchemy has no dialect for "some ODBC driver": Sage's knows plain SELECT and little else, and this one asks no more.
Driver, login and secret live in an Airflow connection and nowhere else. Source: docs/reconcile.md, "ODBC".
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.dialects import registry
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import NullPool

from storeday.sources.base import SourceRefused


class OdbcDialect(PyODBCConnector, DefaultDialect):
    """Any ODBC driver, for SELECT: nothing is asked of the server when it is connected to."""

    name = "odbc"
    supports_statement_cache = True
    default_paramstyle = "qmark"

    def initialize(self, connection: Any) -> None:
        """Sage's driver has no query for its version or default schema, so that none is sent."""

    def do_rollback(self, dbapi_connection: Any) -> None:
        """Only read: nothing to take back, and not every driver knows transactions."""

    def do_commit(self, dbapi_connection: Any) -> None:
        """Only read."""


registry.register("odbc.pyodbc", __name__, "OdbcDialect")


def engine_of(url: URL | str) -> Engine:
    """An engine that keeps no connection open: a Sage user may be logged in once only."""
    return create_engine(make_url(url), poolclass=NullPool)


def connected(connection: str) -> Engine:
    """The engine of an Airflow connection.

    Type ``odbc``: the host is the name of the data source (DSN), or the extra ``odbc_connect`` is a whole connection
    string; login and password go along. Type ``sqlite``: the host is the file. Raises: SourceRefused where there is no
    such connection, or it is of another type.
    """
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        said = BaseHook.get_connection(connection)
    except AirflowNotFoundException as error:
        raise SourceRefused(
            f"there is no Airflow connection {connection}; add it: type odbc, host the data source's name (DSN)"
        ) from error
    if said.conn_type == "sqlite":
        return engine_of(URL.create("sqlite", database=said.host))
    if said.conn_type not in {"odbc", "generic"}:
        raise SourceRefused(f"connection {connection} is of type {said.conn_type}; Sage is read by one of type odbc")
    extra = {key: str(value) for key, value in said.extra_dejson.items()}
    url = URL.create("odbc+pyodbc", username=said.login, password=said.password, host=said.host or None, query=extra)
    try:
        return engine_of(url)
    except ImportError as error:
        raise SourceRefused(
            f"this machine has no ODBC ({error}); on Debian and Ubuntu: apt install unixodbc"
        ) from error
