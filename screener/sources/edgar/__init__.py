"""The SEC's EDGAR: what was filed, when it was accepted, and the figures in it; a machine proposes, a person accepts."""
