"""When to ask again, what to remember, and what became of it: the room that watches every connection."""
