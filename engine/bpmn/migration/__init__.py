"""Moving a running instance to another version of its process. Knows states and definitions; knows no database."""

from engine.bpmn.migration.moving import Migrated, Move, migrate
from engine.bpmn.migration.obstacles import Obstacle, Obstacles, obstacle_texts
from engine.bpmn.migration.plan import MigrationPlan, edited, inverse, propose

__all__ = ["Migrated", "MigrationPlan", "Move", "Obstacle", "Obstacles", "edited", "inverse", "migrate", "obstacle_texts", "propose"]
