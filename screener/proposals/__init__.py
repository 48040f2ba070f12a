"""Proposals: what filings know that the universe does not; the program proposes, a person accepts or rejects."""
