"""Items as a mapping of filings would give them, and a bundled universe cut at a day, for tests of proposals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from screener import universes
from screener.sources.told import ITEM_COLUMNS
from tests.cut_universe import cut

DAY = "2026-03-31"
ACCESSION = "0001144879-26-000100"
URL = "https://www.sec.gov/Archives/edgar/data/1144879/000114487926000100/"


def item(**changes: Any) -> dict[str, Any]:
    """A row of `ITEM_COLUMNS`: APLD's cash of 2026-05-31 out of a 10-Q, unless told otherwise."""
    row = {
        "ticker": "APLD", "item": "cash", "period_end": "2026-05-31", "published_on": "2026-07-28", "value": 1.6e9,
        "unit": "usd", "source_url": URL, "evidence": "Cash 1600000000", "confidence": "high", "kind": "filing",
        "form": "10-Q", "accession": ACCESSION, "filed": "2026-07-27", "accepted_at": "2026-07-27T20:31:00Z", "checks": "",
        "needs": "",
    }  # fmt: skip
    return row | changes


def items(*rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of `item` as a frame."""
    out = pd.DataFrame(list(rows), columns=ITEM_COLUMNS)
    for name in ("period_end", "published_on", "filed"):
        out[name] = pd.to_datetime(out[name]).astype("datetime64[ns]")
    out["accepted_at"] = pd.to_datetime(out["accepted_at"], utc=True)
    return out.astype({"value": float})


def of_facts(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts of a universe as if a filing had stated each of them."""
    return facts.assign(
        kind="filing", form="10-Q", accession=[f"0000000000-26-{at:06d}" for at in range(len(facts))],
        filed=facts["published_on"], accepted_at=facts["published_on"].dt.tz_localize("UTC"), checks="", needs="",
        source_url=[f"https://www.sec.gov/Archives/edgar/data/{at}/" for at in range(len(facts))],
    )[ITEM_COLUMNS].reset_index(drop=True)  # fmt: skip


def home_with_cut_miners(folder: Path) -> Path:
    """A folder for `universes.HOME` whose miners universe ends at `DAY`."""
    cut(universes.HOME / "miners", DAY, folder / "miners")
    return folder
