<%
def plain(body):
    """Without the marks that alembic puts around what it wrote."""
    lines = [line for line in (body or "pass").splitlines() if "# ###" not in line]
    return "\n".join(lines).strip() or "pass"
%>\
"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${plain(upgrades)}


def downgrade() -> None:
    ${plain(downgrades)}
