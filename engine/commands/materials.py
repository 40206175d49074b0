"""Materials that were handed in on paper."""

from __future__ import annotations

from engine.actors import Actor
from engine.assembly import Engine
from engine.desk import at_desk
from engine.errors import NotAllowed
from engine.queries.visibility import require_may_see
from engine.services import cases, materials
from engine.services.posts import LOOKING_ON


def receive_material(engine: Engine, actor: Actor, case_no: str, material: str) -> None:
    """Put on record that a material of the matter was handed in on paper. Raises InvalidInput for one that the matter does not ask for."""
    with engine.database.transaction() as session:
        case = cases.get_case(session, case_no)
        require_may_see(session, case, actor)
        if actor.groups <= LOOKING_ON:
            raise NotAllowed(f"Expected somebody who handles case {case_no} but your post looks on.")
        materials.receive(at_desk(engine, session, actor, case), material)
