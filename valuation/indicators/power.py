"""Secured power by use: AI in service, AI leased and not yet in service, mining, without a use; the pipeline apart.

Gross MW at the owner's share, a row an (as_of, ticker). The uses of a company add up to its secured power on every date.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.assumptions import Assumptions
from valuation.contracts.book import ContractBook
from valuation.contracts.consolidation import as_held
from valuation.contracts.in_service import UNCOUNTED
from valuation.fundamentals.capacity import gross
from valuation.fundamentals.company_metrics import Valuation
from valuation.inputs import Inputs
from valuation.status import Ledger, carried
from valuation.sums import grouped

# In the order of print; they add up to secured power.
USES = {
    "ai_in_service_mw": "AI in service",
    "ai_leased_mw": "AI leased, not yet in service",
    "mining_mw": "mining",
    "unused_mw": "secured without a use",
    "use_unknown_mw": "use not known",
}
BESIDE = ("mined_until_conversion_mw", "pipeline_mw")
SECTOR_COLUMNS = ["secured_mw", *USES, *BESIDE]


@dataclass(frozen=True, repr=False)
class Power(ResultMixin):
    """Secured power by use, point in time. Gross MW.

    Attributes
    ----------
    table, status, causes : DataFrame
        A row an (as_of, ticker): secured_mw; the columns of `USES`, which add up to it; mined_until_conversion_mw (the
        part of mining that runs on power already leased to AI tenants); pipeline_mw, which is not secured.
    sector : DataFrame
        A row an as_of: the same columns summed over the miners of the statistics; `companies` with secured power known,
        `without_power` those where it is unknown, `without_use` those whose power cannot be split by use.
    excluded : Series
        By ticker: why a company is no part of the sector; empty where it is.
    """

    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    sector: pd.DataFrame
    excluded: pd.Series

    @property
    def frame(self) -> pd.DataFrame:
        """The sector by date."""
        return self.sector


def power(inputs: Inputs, valuation: Valuation, book: ContractBook, assumptions: Assumptions) -> Power:
    """Secured power by use of every company on every date, and of the miners of the statistics together.

    Parameters
    ----------
    inputs : Inputs
    valuation : Valuation
        Of the same inputs: operating and secured MW.
    book : ContractBook
        Of the same inputs: contracted and delivered critical IT MW.
    assumptions : Assumptions
        Gross MW per critical IT MW of what a company reports in critical IT MW.

    Notes
    -----
    AI in service is the larger of what contracts have delivered and what the company reports, since GPU cloud runs
    without a long contract too. Mining (own and hosted) is operating power less AI in service. Leased power on which
    the company still mines counts as mining until its halls are in service, and is shown as mined_until_conversion_mw.
    Without a use is the rest. Where operating power, or the MW of contracts, is unknown, or nobody reviewed a
    company's contracts, the rest is `use_unknown_mw` and not without a use. A parent has the contracts of a subsidiary
    that it consolidates.
    """
    ledger = Ledger(inputs.index)
    for name, metric in (("secured_mw", "secured_mw"), ("operating_mw", "operating_mw")):
        ledger.put(name, valuation.table[metric], **carried(valuation, metric))
    signed, delivered = _gross_contracts(inputs, valuation, book)
    reported = gross(inputs, "mw_operating_ai", assumptions).to_numpy(dtype=float)
    in_service = np.fmax(delivered, reported)
    secured, operating = ledger["secured_mw"], ledger["operating_mw"]
    ai_unknown = np.isnan(in_service) | np.isnan(signed)
    split = ~np.isnan(operating) & ~ai_unknown

    ai = np.minimum(np.where(ai_unknown, np.nan, in_service), secured)
    mining = np.where(split, np.minimum(np.maximum(operating - ai, 0.0), secured - ai), np.nan)
    waiting = np.maximum(signed - delivered, 0.0)
    room = secured - ai - np.where(split, mining, 0.0)
    leased = np.minimum(waiting, room)
    unused = np.where(split, room - leased, np.nan)
    rest = np.where(split, 0.0, np.where(ai_unknown, secured, room - leased))

    reviewed = valuation.table["signed_contracts"].notna().to_numpy()
    no_mw = {"contracts not reviewed": ai_unknown & ~reviewed, "MW of signed contracts unknown": ai_unknown & reviewed}
    no_use = {"operating MW unknown": np.isnan(operating)}
    uncounted = book.causes["in_service_mw"].str.contains(UNCOUNTED, regex=False).to_numpy()
    by_report = (reported > np.nan_to_num(delivered)) & ~ai_unknown
    ledger.put(
        "ai_in_service_mw",
        ai,
        after=["secured_mw"],
        missing=no_mw,
        # The rest of the split stands: what runs without a count is small beside the power of a miner.
        proxy={f"{UNCOUNTED}; taken as none": uncounted & ~ai_unknown & ~by_report},
        stale={"mw_operating_ai old": by_report & inputs.stale["mw_operating_ai"].to_numpy()},
    )
    ledger.put("ai_leased_mw", leased, after=["ai_in_service_mw"])
    ledger.put("mining_mw", mining, after=["ai_in_service_mw", "operating_mw"], missing=no_use)
    ledger.put("unused_mw", unused, after=["mining_mw", "ai_leased_mw"])
    ledger.put("use_unknown_mw", rest, after=["secured_mw"])
    overlap = np.where(split, np.minimum(waiting - leased, mining), np.nan)
    ledger.put("mined_until_conversion_mw", overlap, after=["mining_mw", "ai_leased_mw"])
    pipeline = gross(inputs, "mw_pipeline", assumptions)
    ledger.put("pipeline_mw", pipeline, stale={"mw_pipeline old": inputs.stale["mw_pipeline"]})
    excluded = book.excluded.groupby(level="ticker").last()
    return Power(ledger.table, ledger.status, ledger.causes, _sector(ledger, book), excluded)


def _gross_contracts(inputs: Inputs, valuation: Valuation, book: ContractBook) -> tuple[np.ndarray, np.ndarray]:
    """Contracted and delivered gross MW of each row, with those of consolidated subsidiaries; NaN where unknown."""
    rows = book.contracts.assign(delivered=book.contracts["owned_gross_mw"] * book.contracts["in_service_share"])
    total = grouped(as_held(rows, book.consolidated), ["owned_gross_mw", "delivered"], inputs.index, least=1)
    # Nothing signed is no MW; something signed without any MW known, or contracts that nobody reviewed, are unknown.
    total[(valuation.table["signed_contracts"] == 0).to_numpy()] = 0.0
    return total["owned_gross_mw"].to_numpy(), total["delivered"].to_numpy()


def _sector(ledger: Ledger, book: ContractBook) -> pd.DataFrame:
    """Sums over the miners of the statistics whose secured power is known."""
    table = ledger.table
    inside = (book.excluded.reindex(table.index) == "").to_numpy()
    known = table[inside & table["secured_mw"].notna().to_numpy()]
    dates = table.index.get_level_values("as_of").unique()
    by = known.groupby(level="as_of")
    out = by[SECTOR_COLUMNS].sum(min_count=1).reindex(dates)
    out["companies"] = by.size().reindex(dates, fill_value=0)
    lost = table[inside & table["secured_mw"].isna().to_numpy()]
    out["without_power"] = lost.groupby(level="as_of").size().reindex(dates, fill_value=0)
    open_use = known[known["mining_mw"].isna()]
    out["without_use"] = open_use.groupby(level="as_of").size().reindex(dates, fill_value=0)
    return out.rename_axis("as_of")
