"""What every room's tests share: a clock moved by hand, an engine on a fresh SQLite file, the people who act.

The database with tables, definitions, reference data and demo accounts is made once a session; each test gets a copy of the file.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, delete, event

from engine.actors import SYSTEM, Actor
from engine.assembly import Engine, build_engine
from engine.clock import LOCAL_ZONE, MovableClock
from engine.commands.demo import DemoAccount, create_demo_accounts
from engine.commands.deployments import deploy, read_folders
from engine.commands.reference import load_reference
from engine.db.base import Base
from engine.db.revisions import upgrade
from engine.db.version_tables import Activation
from engine.queries.accounts import account as account_view
from engine.queries.accounts import actor_of
from engine.settings import Settings, read_settings

PROJECT = Path(__file__).resolve().parent.parent

#: A Monday morning in working hours: what "now" is when a test begins.
START = datetime(2026, 11, 23, 10, 0, tzinfo=LOCAL_ZONE)

#: A fixed key, so that a copied database can be read.
TEST_KEY = "the key of the tests, long enough for all"

#: The one that is left where a proof should be short.
SCENARIO = "simple_case_solved"


def shared_data(name: str = "") -> Path | None:
    """The domain's data folder beside the project, or a file in it; None on a machine that has only the project."""
    path = PROJECT.parent / "shared" / "domain" / "data" / name
    return path if path.exists() else None


def settings_in(folder: Path) -> Settings:
    """Settings of a test: everything in one folder, no environment."""
    return read_settings({"DOUDI_DATA": str(folder), "DOUDI_SECRET_KEY": TEST_KEY, "DOUDI_FOUR_EYES": "0"})


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(START)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "data")


@pytest.fixture
def bare_engine(settings: Settings, clock: MovableClock) -> Iterator[Engine]:
    """Tables only: nothing deployed, no reference data, no accounts."""
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    engine = build_engine(settings, clock)
    upgrade(engine.database)
    yield engine
    engine.database.dispose()


@dataclass(frozen=True)
class Template:
    """A prepared data folder, and whom one can log in as."""

    folder: Path
    accounts: tuple[DemoAccount, ...]


@pytest.fixture(scope="session")
def whole_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The centre's files deployed, reference data loaded, demo accounts made."""
    folder = tmp_path_factory.mktemp("template") / "data"
    settings = settings_in(folder)
    folder.mkdir()
    engine = build_engine(settings, MovableClock(START))
    upgrade(engine.database)
    load_reference(engine, SYSTEM, settings.processes_folder / "reference")
    deploy(engine, SYSTEM, read_folders(settings.processes_folder, settings.forms_folder), "the project's files")
    accounts = create_demo_accounts(engine)
    engine.database.dispose()
    return Template(folder, tuple(accounts))


@pytest.fixture(scope="session")
def template_of_one_scenario(tmp_path_factory: pytest.TempPathFactory, whole_template: Template) -> Template:
    """The same with one scenario in force: a proof plays every one, which takes minutes and is for tests/processes to do."""
    folder = tmp_path_factory.mktemp("template-of-one-scenario") / "data"
    shutil.copytree(whole_template.folder, folder)
    engine = build_engine(settings_in(folder), MovableClock(START))
    with engine.database.transaction() as session:
        session.execute(delete(Activation).where(Activation.kind == "scenario", Activation.key != SCENARIO))
    engine.database.dispose()
    return Template(folder, whole_template.accounts)


@pytest.fixture(scope="session")
def template(whole_template: Template) -> Template:
    """What the tests of a file begin with; a file may choose another."""
    return whole_template


@pytest.fixture
def engine(settings: Settings, clock: MovableClock, template: Template) -> Iterator[Engine]:
    """Ready for work, as after ``doudi upgrade-db``, ``load-reference``, ``deploy``, and with the demo accounts."""
    shutil.copytree(template.folder, settings.data_folder)
    engine = build_engine(settings, clock)
    yield engine
    engine.database.dispose()


@pytest.fixture
def actor(engine: Engine, template: Template) -> Callable[[str], Actor]:
    """``actor("window")``: the first demo account of a candidate group; ``actor("wang")``: the account of that id."""

    def find(name: str) -> Actor:
        account = next(account for account in template.accounts if account.id == name or name in account.groups)
        stamp = account_view(engine, account.id).session_stamp
        found = actor_of(engine, account.id, stamp)
        assert found is not None, f"Expected the demo account {account.id} to be active."
        return found

    return find


@pytest.fixture
def clerk(actor: Callable[[str], Actor]) -> Actor:
    """A window clerk (窗口专员)."""
    return actor("window")


@pytest.fixture
def head(actor: Callable[[str], Actor]) -> Actor:
    """The head of the window (窗口负责人)."""
    return actor("window_head")


@event.listens_for(Base.metadata, "after_create")
def _fill_kinds(_metadata: object, connection: Connection, tables: Collection[Table], **_given: object) -> None:
    """Tables that a test makes without revisions hold the kinds that every installation begins with, too."""
    if any(table.name == "case_kind" for table in tables):
        with Operations.context(MigrationContext.configure(connection)):
            import_module("engine.db.revisions.versions.0005_keep_case_files_of_every_kind")._fill_kinds()
