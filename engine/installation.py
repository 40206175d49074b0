"""Opens the installation that the environment names, and closes it again. Refuses in plain words what cannot be opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import ArgumentError

from engine.assembly import Engine, build_engine
from engine.settings import Settings, read_settings


@contextmanager
def opened_engine() -> Iterator[Engine]:
    """An engine over the installation's database, closed afterwards."""
    engine = _build(_settings())
    try:
        yield engine
    finally:
        engine.database.dispose()


def _settings() -> Settings:
    try:
        return read_settings()
    except ValueError as error:
        raise click.ClickException(f"Expected every DOUDI_… variable to be readable but: {error}") from error


def _build(settings: Settings) -> Engine:
    try:
        settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return build_engine(settings, lives_on=True)
    except OSError as error:
        raise click.ClickException(f"Expected a writable data folder but {error.strerror}: {error.filename}. Set DOUDI_DATA.") from error
    except ArgumentError as error:
        raise click.ClickException(f"Expected DOUDI_DATABASE_URL to be a database address but: {error}") from error
    except ModuleNotFoundError as error:
        if error.name == "psycopg2":
            raise click.ClickException("Expected DOUDI_DATABASE_URL to begin with postgresql+psycopg:// but it does not.") from error
        if error.name != "psycopg":
            raise
        raise click.ClickException("Expected the PostgreSQL driver but it is not installed. Run: pip install 'doudi[postgres]'") from error
