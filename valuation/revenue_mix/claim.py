"""The claim on the sector's revenue mix that the study tests: bitcoin's share, before and by when."""

from __future__ import annotations

import pandas as pd

CLAIM_SHARE = 0.20
CLAIM_BEFORE = 0.85
CLAIM_QUARTER = pd.Period("2026Q4")
