"""Trying out: scenarios, replays of history and load, in a throw-away installation and virtual time. Changes nothing that is real."""
