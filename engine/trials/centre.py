"""A throw-away installation for trials: these files in force, demo people, a clock moved by hand. Shares nothing with the real one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from engine import deploying, submission
from engine.actors import SYSTEM, Actor
from engine.assembly import DefinitionCache, Engine, build_engine
from engine.clock import MovableClock
from engine.db.revisions import upgrade
from engine.db.tables import StartEvent
from engine.deployment_checks import parse_files
from engine.errors import InvalidDefinition
from engine.feel import Feel
from engine.services import accounts
from engine.services.accounts import DemoAccount
from engine.settings import Settings

#: Opens what is encrypted in a trial; nothing in it is worth a secret.
TRIAL_KEY = "a trial keeps nothing that needs a secret key"

#: From here on everything is in force, whenever a trial plays.
_BEFORE = datetime.fromisoformat("2000-01-01T00:00+08:00")
#: Memory where the system offers it as a folder: nothing of a trial is worth a disk.
_IN_MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Centre:
    """One installation at one moment of its virtual time. Everybody is an ``Actor`` by account id."""

    engine: Engine
    clock: MovableClock
    people: Mapping[str, Actor]

    def person(self, name: str) -> Actor | None:
        """The account of this id, or the first one of this group."""
        return self.people.get(name) or next((actor for actor in self.people.values() if name in actor.groups), None)


class Template:
    """A prepared installation that is copied for each trial: preparing takes a second, a copy milliseconds."""

    def __init__(self, settings: Settings, feel: Feel, folder: Path):
        self._settings, self._feel, self._folder = settings, feel, folder
        self._definitions = DefinitionCache(feel)
        self._people: tuple[DemoAccount, ...] = ()
        self._count = 0

    def prepare(self, files: Mapping[str, bytes]) -> None:
        """Put the files in force. Raises InvalidDefinition with the findings of those that do not parse."""
        parsed, findings = parse_files(self._feel, files)
        if findings:
            raise InvalidDefinition(f"Expected {len(files)} files to try out but {len(findings)} findings have to be mended.", findings)
        engine = self._engine(self._folder / "template", MovableClock(_BEFORE))
        upgrade(engine.database)
        with engine.database.transaction() as session:
            accounts.ensure_posts(session)
            accounts.ensure_org_unit(session, engine.settings.org_unit, engine.settings.region)
            submission.install(engine, session, SYSTEM, parsed, submission.Label("trial", "", {}))
            self._people = tuple(accounts.create_demo_accounts(session, engine.settings.org_unit))
        engine.database.dispose()

    @contextmanager
    def opened(self, moment: datetime) -> Iterator[Centre]:
        """A fresh copy that stands at ``moment``."""
        self._count += 1
        folder = self._folder / f"trial-{self._count}"
        shutil.copytree(self._folder / "template", folder)
        clock = MovableClock(moment)
        engine = self._engine(folder, clock)
        try:
            self._plan_from_here(engine)
            yield Centre(engine, clock, {account.id: self._actor(account) for account in self._people})
        finally:
            engine.database.dispose()
            shutil.rmtree(folder, ignore_errors=True)

    def _plan_from_here(self, engine: Engine) -> None:
        """What the calendar starts is next due after this moment: nothing was missed since the files came into force."""
        with engine.database.transaction() as session:
            for key in list(session.scalars(select(StartEvent.process_key).where(StartEvent.kind == "timer").distinct())):
                deploying.watch_in_force(engine, session, key)

    def _engine(self, folder: Path, clock: MovableClock) -> Engine:
        folder.mkdir(parents=True, exist_ok=True)
        settings = replace(
            self._settings, database_url=f"sqlite:///{folder / 'trial.db'}", data_folder=folder, secret_key=TRIAL_KEY, four_eyes=False
        )
        return replace(build_engine(settings, clock), feel=self._feel, definitions=self._definitions)

    def _actor(self, account: DemoAccount) -> Actor:
        unit = self._settings.org_unit
        return Actor(account.id, account.name, frozenset(account.groups), unit, frozenset({unit}))


@contextmanager
def template(settings: Settings, feel: Feel, files: Mapping[str, bytes]) -> Iterator[Template]:
    """A prepared installation of ``files``; it and all its copies are gone afterwards."""
    with TemporaryDirectory(prefix="doudi-trial-", dir=_roomy()) as folder:
        prepared = Template(settings, feel, Path(folder))
        prepared.prepare(files)
        yield prepared


def _roomy() -> Path | None:
    """A copy takes a few megabytes and goes at once; a container may have next to no memory there."""
    try:
        return _IN_MEMORY if shutil.disk_usage(_IN_MEMORY).free > 200_000_000 and os.access(_IN_MEMORY, os.W_OK) else None
    except OSError:
        return None
