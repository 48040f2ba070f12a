"""Claims made in public, checked against what was known on the day of which they speak, and today."""

from __future__ import annotations

from screener.studies.claims.check import check_claims, read_claims
from screener.studies.claims.measures import MEASURES, find

__all__ = ["MEASURES", "check_claims", "find", "read_claims"]
