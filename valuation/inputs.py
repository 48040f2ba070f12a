"""Inputs of a valuation: facts as of one or many dates, as frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

# Frames with a column as_of.
LISTS = ("instruments", "contracts", "exits", "phases", "debt", "estimates", "quarters")


@dataclass(frozen=True)
class Inputs:
    """Facts as of each date; built by the application, read by valuation.

    Every row frame shares one MultiIndex (as_of, ticker), dates outer, tickers inner, every pair present.

    Attributes
    ----------
    items : DataFrame, float
        A column an item (`price_usd`, `shares_outstanding`, `cash`, `debt_total`, `mw_secured`, ...), in the
        universe's units. Cash, debt, shares and bitcoin are rolled forward by dated transactions; shares are on
        the split basis of the price. NaN is unknown. Beside the items of the files: restricted_cash_not_added (USD
        reported and not netted), cash_includes_restricted and operating_includes_hosted (1 where the evidence of the
        row in force says so, else 0).
    periods : DataFrame, datetime64
        The date that each value stands for.
    stale : DataFrame, bool
        True where the value is older than its item's maximum age.
    critical_it : DataFrame, bool
        True where an MW value is critical IT and not gross.
    companies : DataFrame
        Indexed by ticker: name, role, consolidated_by, ev_meaningful, ...
    instruments : DataFrame
        A row an (as_of, instrument) outstanding on that date, terms on the price's split basis.
    contracts : DataFrame
        A row an (as_of, contract) in force on that date, with the terms known by then; percents as fractions.
    exits : DataFrame
        A row an (as_of, contract) that the owner sold or ended by then: exited_on, critical_it_mw, gross_mw, owner_share
        (fraction), sold (True where the power left with it: a site or a joint venture was sold).
    phases : DataFrame
        A row an (as_of, phase) published by then: contract_id (or a book of several), date, critical_it_mw, status,
        published_on.
    debt : DataFrame
        A row an (as_of, ticker, instrument) known by then: principal_usd, coupon (fraction; NaN where it floats),
        coupon_pct (as told), matures_on (the last day of the year or month told), redeemable_from (the day from which a
        preferred can be redeemed at the amount of the row; NaT where none is told), is_preferred, seniority, drawn,
        known_on.
    estimates : DataFrame
        A row an (as_of, ticker, metric, period): the latest value published by then, published_on, source.
    quarters : DataFrame
        Flows as known: a row an (as_of, ticker, period_end), columns total_usd, mining_usd, ai_hpc_usd,
        ai_hpc_one_off_usd, hosting_usd, other_usd (revenue), sga_cash_usd (cash overhead); NaN unknown. The total is on
        the basis of the parts: where only the total was restated, the original one stands.
    market : DataFrame
        Indexed by as_of: btc_usd, btc_date, btc_stale, eth_usd; the last known week of the Bitcoin network:
        network_eh_per_s, reward_btc_per_day (subsidy and fees), network_date, network_stale.
    network : DataFrame
        Weeks of the Bitcoin network up to the last of the dates: date, btc_usd, hashrate_eh_per_s,
        reward_and_fees_btc_per_day. A reader looks no further than its own date.
    """

    items: pd.DataFrame
    periods: pd.DataFrame
    stale: pd.DataFrame
    critical_it: pd.DataFrame
    companies: pd.DataFrame
    instruments: pd.DataFrame
    contracts: pd.DataFrame
    exits: pd.DataFrame
    phases: pd.DataFrame
    debt: pd.DataFrame
    estimates: pd.DataFrame
    quarters: pd.DataFrame
    market: pd.DataFrame
    network: pd.DataFrame

    @property
    def index(self) -> pd.MultiIndex:
        """The (as_of, ticker) rows."""
        return self.items.index

    def at(self, as_of: pd.Timestamp) -> Inputs:
        """The inputs of one of the dates alone, as if no other had been asked for."""
        return self.on([as_of])

    def on(self, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex) -> Inputs:
        """The inputs of some of the dates alone, as if no other had been asked for."""
        frames = {name: getattr(self, name) for name in ("items", "periods", "stale", "critical_it", *LISTS)}
        market = self.market.loc[self.market.index.isin(dates)]
        network = self.network[self.network["date"] <= market.index.max()]
        return replace(self, **on_dates(frames, dates), market=market, network=network)

    def company(self, column: str) -> pd.Series:
        """A column of `companies`, spread over the rows."""
        spread = self.companies[column].reindex(self.index.get_level_values("ticker"))
        return pd.Series(spread.to_numpy(), index=self.index)

    def at_market(self, column: str) -> pd.Series:
        """A column of `market`, spread over the rows."""
        spread = self.market[column].reindex(self.index.get_level_values("as_of"))
        return pd.Series(spread.to_numpy(), index=self.index)


def on_dates(
    frames: Mapping[str, pd.DataFrame], dates: Sequence[pd.Timestamp] | pd.DatetimeIndex
) -> dict[str, pd.DataFrame]:
    """The rows of some dates, of frames indexed (as_of, ticker), many by one index, or with a column as_of."""
    out, index, rows, kept = {}, None, None, None
    for name, frame in frames.items():
        if "as_of" not in frame.index.names:
            out[name] = frame[frame["as_of"].isin(dates)].reset_index(drop=True)
            continue
        if frame.index is not index:
            index = frame.index
            rows = np.flatnonzero(index.isin(dates, level="as_of"))
            kept = index[rows].remove_unused_levels()
        out[name] = frame.iloc[rows].set_axis(kept)
    return out
