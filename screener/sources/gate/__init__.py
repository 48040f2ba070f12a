"""The gate that every number passes on its way into a run: what cannot be is held back and told, never used in silence."""
