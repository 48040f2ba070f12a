"""Two screens compared: what changed and what moved it."""
