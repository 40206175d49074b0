"""A process that the kill tests start and kill. ``python victim.py FOLDER worker`` or ``… complete``."""

from __future__ import annotations

import sys

from sqlalchemy import select

from engine.actors import Actor
from engine.assembly import build_engine
from engine.commands import user_tasks
from engine.db.tables import UserTask
from engine.settings import read_settings
from engine.worker import Worker

WINDOW = "440103-01"
CLERK = Actor("clerk", "示例·林晓", frozenset({"window"}), WINDOW, frozenset({WINDOW}))


def main(folder: str, role: str) -> None:
    engine = build_engine(
        read_settings({"DOUDI_DATA": folder, "DOUDI_SECRET_KEY": "a key that is long enough", "DOUDI_LEASE_SECONDS": "1"})
    )
    print("ready", flush=True)
    if role == "worker":
        Worker(engine).run_forever()
    with engine.database.reading() as session:
        open_tasks = session.scalars(select(UserTask.id).where(UserTask.ended_at.is_(None)).order_by(UserTask.id)).all()
    for task_id in open_tasks:
        user_tasks.complete_task(engine, CLERK, task_id, {})
        print("answered", task_id, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
