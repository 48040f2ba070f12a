"""First quarter in which AI revenue exceeds mining revenue: reported, and projected from signed contracts.

The quarters ahead rest on three things only: contracts at their announced start dates, mining at today's hashprice, and
AI revenue already earned. Nothing that is not signed and dated is counted, so a projection says what is known, not what
is likely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.findings import Finding, texts
from valuation.fundamentals.ai_share import QUARTERS_PER_YEAR
from valuation.revenue_mix.claim import CLAIM_BEFORE, CLAIM_QUARTER, CLAIM_SHARE
from valuation.revenue_mix.findings import claim

__all__ = ["CASES", "CLAIM_BEFORE", "CLAIM_QUARTER", "CLAIM_SHARE", "Projection", "RevenueMix", "bitcoin_share_ahead",
           "crossover", "latest_quarters"]  # fmt: skip

CASES = ("projected", "projected_early", "projected_late")


@dataclass(frozen=True)
class Projection:
    """Assumptions of the projected crossover; both ends of the range are shown.

    Attributes
    ----------
    early_mining, late_mining : float
        Mining revenue in the early and the late case, as a fraction of the latest quarter at today's hashprice.
    late_delay_quarters : int
        How much later than announced every contract starts in the late case.
    horizon_quarters : int
        How far ahead to look.
    """

    early_mining: float = 0.8
    late_mining: float = 1.2
    late_delay_quarters: int = 4
    horizon_quarters: int = 24

    def case(self, name: str) -> tuple[float, int]:
        """Factor of mining revenue and delay in quarters of one of `CASES`."""
        return {
            "projected": (1.0, 0),
            "projected_early": (self.early_mining, 0),
            "projected_late": (self.late_mining, self.late_delay_quarters),
        }[name]


@dataclass(frozen=True, repr=False)
class RevenueMix(ResultMixin):
    """Revenue by part, the sector's shares and each company's crossover, as known on one date.

    Attributes
    ----------
    mixed, sector, crossover : DataFrame
        From `valuation.revenue_mix.mix` and `valuation.revenue_mix.crossover`.
    ahead : Series
        The universe's bitcoin share in the quarter of the claim, projected with a range.
    projection : Projection
    hashprice_usd : float
        USD per PH/s per day of the last week known, NaN where the network file ends before.
    hashprice_on : Timestamp
    """

    mixed: pd.DataFrame
    sector: pd.DataFrame
    crossover: pd.DataFrame
    ahead: pd.Series
    projection: Projection
    hashprice_usd: float
    hashprice_on: pd.Timestamp

    @property
    def frame(self) -> pd.DataFrame:
        """The sector's shares by quarter."""
        return self.sector

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The claim on bitcoin's share of revenue against what is reported and signed."""
        return claim(self.sector, self.crossover, self.ahead)

    def _summary(self) -> Summary:
        shown = self.sector.tail(8)[["bitcoin_share", "lowest", "highest", "n_bitcoin", "ai_share", "n_ai"]]
        crossed = self.crossover.loc[self.crossover["note"] == "", ["actual", "projected", "latest_quarter"]]
        tables = (
            small(shown, "Shares of revenue by quarter"),
            small(crossed.astype(object), "First quarter in which AI revenue exceeds mining revenue"),
        )
        return Summary("Revenue mix", tables=tables, notes=tuple(texts(self.findings)))


@dataclass(frozen=True)
class _Company:
    """One company's latest known quarter and what it has signed.

    The quarter is the latest with mining reported, or with a total and AI revenue, whose rest then stands in for mining:
    without the AI part the rest would hold it too. Starts are ordinals of quarters.
    """

    latest: pd.Period
    mining_usd: float
    mining_or_rest_usd: float
    mining_is_proxy: bool
    ai_usd: float
    rest_usd: float
    starts: np.ndarray
    revenue: np.ndarray

    def ai_in(self, quarter: pd.Period, delay: int) -> float:
        """AI revenue of a quarter: the larger of what is earned already and what has started by then.

        No ramp is known, so a start counts in full, from the quarter after it: the one it falls into is only part of one.
        """
        return self._ai_in(quarter.ordinal, delay)

    def first_above(self, assumed: Projection, case: str) -> pd.Period:
        """The first quarter after the latest with AI above mining; NaT where none within the horizon."""
        factor, delay = assumed.case(case)
        for ahead in range(1, assumed.horizon_quarters + 1):
            if self._ai_in(self.latest.ordinal + ahead, delay) > self.mining_usd * factor:
                return self.latest + ahead
        return pd.NaT

    def _ai_in(self, quarter: int, delay: int) -> float:
        started = self.revenue[self.starts + delay < quarter].sum()
        return float(np.fmax(self.ai_usd, started))


def crossover(
    mixed: pd.DataFrame,
    contracts: pd.DataFrame,
    tickers: pd.Index,
    *,
    mining_scale: pd.Series | None = None,
    projection: Projection | None = None,
) -> pd.DataFrame:
    """The first quarter in which recurring AI revenue exceeds mining revenue: actual, and projected with a range.

    Parameters
    ----------
    mixed : DataFrame
        From `mix`, one as-of date.
    contracts : DataFrame
        Signed contracts by tranche, `contracts.schedule.Schedule.by_tranche`, the same date.
    tickers : Index
        Companies to report.
    mining_scale : Series, optional
        By ticker: today's hashprice over the mean of the company's latest reported quarter, at which its mining is
        held; 1 where it is missing.
    projection : Projection, optional

    Returns
    -------
    DataFrame
        Indexed by ticker: actual (Period or NaT), ahead (AI above mining in the latest quarter), projected,
        projected_early, projected_late (Period or NaT: not within the horizon, or ahead already), latest_quarter,
        mining_usd at today's hashprice and ai_usd (latest known quarter, USD), mining_is_proxy, signed, undated (AI
        contracts, and those of them without a start or a revenue), left_out (their names), note.
    """
    assumed = projection or Projection()
    companies = _companies(mixed, contracts, mining_scale)
    # Where mining is not reported the rest of the total stands in; it is no less than mining, so AI above it is AI
    # above mining.
    own = mixed[_tells_mining(mixed)]
    passed = own[own["ai_recurring_usd"] > own["mining_or_rest_usd"]].groupby("ticker").head(1)
    passed_in = dict(zip(passed["ticker"], passed["quarter"], strict=True))
    signed = contracts[contracts["is_ai"]]
    n_signed = signed.groupby("ticker")["contract_id"].nunique()
    undated = signed[~_can_be_dated(signed)].groupby("ticker")["contract_id"].agg(lambda ids: sorted(set(ids)))
    rows = []
    for ticker in tickers:
        without = undated.get(ticker, [])
        row: dict[str, object] = {"ticker": ticker, "signed": int(n_signed.get(ticker, 0)), "undated": len(without)}
        row |= {"note": "", "left_out": ", ".join(without), "ahead": False, "mining_is_proxy": False}
        row["actual"] = passed_in.get(ticker, pd.NaT)
        company = companies.get(ticker)
        if company is None:
            rows.append(row | {"note": "no quarter with mining, or with AI and a total"})
            continue
        row |= {"latest_quarter": company.latest, "mining_usd": company.mining_usd, "ai_usd": company.ai_usd}
        row["mining_is_proxy"] = company.mining_is_proxy
        row["ahead"] = ticker in passed_in and company.ai_usd > company.mining_or_rest_usd
        if np.isnan(company.ai_usd) and len(company.starts) == 0:
            row["note"] = "AI revenue never reported" + (", no contract with a start" if row["signed"] else "")
        elif not row["ahead"]:
            row |= {name: company.first_above(assumed, name) for name in CASES}
        rows.append(row)
    columns = ["actual", "ahead", *CASES, "latest_quarter", "mining_usd", "ai_usd", "mining_is_proxy", "signed",
               "undated", "left_out", "note"]  # fmt: skip
    return pd.DataFrame(rows).set_index("ticker").reindex(columns=columns)


def bitcoin_share_ahead(
    mixed: pd.DataFrame,
    contracts: pd.DataFrame,
    tickers: pd.Index,
    *,
    quarter: pd.Period = CLAIM_QUARTER,
    mining_scale: pd.Series | None = None,
    projection: Projection | None = None,
) -> pd.Series:
    """Projected bitcoin share of the sector's revenue in a quarter ahead, with mining held and contracts on time.

    Parameters
    ----------
    As `crossover`; `quarter` is the one asked about.

    Returns
    -------
    Series
        latest (the same companies' share in their latest quarters, mining at today's hashprice), projected,
        projected_early (mining at its low), projected_late (mining at its high, starts delayed), n companies, n_proxy
        of them whose mining is the rest of the total. NaN without companies.

    Notes
    -----
    Revenue that is neither mining nor recurring AI is held at the latest quarter with a split; one-offs are out. A
    company whose AI revenue was never reported counts with what has started. Mining that makes room for AI is not
    taken out, so the share is on the high side.
    """
    assumed = projection or Projection()
    found = _companies(mixed, contracts, mining_scale)
    each = [found[ticker] for ticker in tickers if ticker in found]
    companies = [c for c in each if not (np.isnan(c.ai_usd) and len(c.starts) == 0)]
    out = {"latest": np.nan} | dict.fromkeys(CASES, np.nan)
    if companies:
        rest = sum(c.rest_usd for c in companies)
        mining = sum(c.mining_usd for c in companies)
        out["latest"] = mining / (mining + rest + sum(np.nan_to_num(c.ai_usd) for c in companies))
        for name in CASES:
            factor, delay = assumed.case(name)
            ai = sum(c.ai_in(quarter, delay) for c in companies)
            out[name] = factor * mining / (factor * mining + rest + ai)
    return pd.Series(out | {"n": len(companies), "n_proxy": sum(c.mining_is_proxy for c in companies)})


def latest_quarters(mixed: pd.DataFrame) -> pd.Series:
    """By ticker the end of the quarter from which its mining is projected."""
    return mixed[_tells_mining(mixed)].groupby("ticker")["period_end"].max()


def _companies(
    mixed: pd.DataFrame, contracts: pd.DataFrame, mining_scale: pd.Series | None
) -> dict[str, _Company]:  # fmt: skip
    """By ticker the starting point of a company's projection; none where no quarter has its mining."""
    own = mixed[_tells_mining(mixed)]
    earned = _last(mixed[mixed["ai_recurring_usd"].notna()])["ai_recurring_usd"]
    split = _last(own[own["total_usd"].notna() & own["ai_recurring_usd"].notna()])
    parts = ["mining_or_rest_usd", "ai_recurring_usd", "ai_hpc_one_off_usd"]
    rest = split["total_usd"] - split[parts].sum(axis=1)
    datable = contracts[contracts["is_ai"]]
    datable = datable[_can_be_dated(datable)]
    starts = pd.PeriodIndex(datable["start_on"].dt.to_period("Q")).asi8
    revenue = datable["owned_annual_revenue_usd"].to_numpy(dtype=float) / QUARTERS_PER_YEAR
    signed = datable.groupby("ticker").indices
    nothing = np.array([], dtype=int)
    out = {}
    for last in _last(own).itertuples():
        ticker = str(last.Index)
        scale = 1.0 if mining_scale is None else float(mining_scale.get(ticker, 1.0))
        rows = signed.get(ticker, nothing)
        out[ticker] = _Company(
            latest=last.quarter,
            mining_usd=float(last.mining_or_rest_usd) * scale,
            mining_or_rest_usd=float(last.mining_or_rest_usd),
            mining_is_proxy=bool(last.mining_is_proxy),
            ai_usd=float(earned.get(ticker, np.nan)),
            rest_usd=max(float(rest.get(ticker, 0.0)), 0.0),
            starts=starts[rows],
            revenue=revenue[rows],
        )
    return out


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    """The last row of each company, by ticker."""
    return rows.groupby("ticker").tail(1).set_index("ticker")


def _can_be_dated(signed: pd.DataFrame) -> pd.Series:
    return ~signed["start_is_assumed"] & signed["owned_annual_revenue_usd"].notna()


def _tells_mining(mixed: pd.DataFrame) -> pd.Series:
    return mixed["mining_usd"].notna() | (mixed["mining_or_rest_usd"].notna() & mixed["ai_recurring_usd"].notna())
