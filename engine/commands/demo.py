"""Demo accounts. Only ``./dev run`` and ``doudi serve --demo`` ask for them."""

from __future__ import annotations

from engine.assembly import Engine
from engine.services import accounts
from engine.services.accounts import DemoAccount


def create_demo_accounts(engine: Engine) -> list[DemoAccount]:
    """Accounts for every post and department, with one known password; existing ones stay as they are."""
    with engine.database.transaction() as session:
        accounts.ensure_posts(session)
        accounts.ensure_org_unit(session, engine.settings.org_unit, engine.settings.region)
        return accounts.create_demo_accounts(session, engine.settings.org_unit)
