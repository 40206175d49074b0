"""Virtual people at the real engine: they register cases, do tasks, forget them, answer and complain. For demonstrations and walks."""
