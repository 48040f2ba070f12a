"""Days to liquidate: shares held over the part of the average daily volume that one seller can be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.portfolio.kinds import EQUITY, FUND
from valuation.portfolio.positions import Portfolio

PARTICIPATION = 0.20
HORIZONS = (1, 5, 20)  # trading days


@dataclass(frozen=True, repr=False)
class Liquidity(ResultMixin):
    """How long it takes to sell the shares and funds held, name by name.

    Attributes
    ----------
    names : DataFrame
        Indexed by name, the slowest first: shares (net over all accounts; short negative), value_usd, volume (average shares
        a day; NaN unknown), days (to sell or cover at `participation` of that volume).
    participation : float
        Part of a day's volume that is ours.
    sessions : int
        Days that the averages are over.
    source : str
        Who gives the volumes.
    """

    names: pd.DataFrame
    participation: float
    sessions: int
    source: str

    @property
    def frame(self) -> pd.DataFrame:
        return self.names

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names without a volume."""
        return tuple(str(name) for name in self.names.index[self.names["days"].isna()])

    def within(self, days: float) -> float:
        """Part of the value, shorts at their size, that can be sold or covered within some trading days; names without a
        volume are in neither part. NaN where no volume is known."""
        known = self.names[self.names["days"].notna()]
        size = known["value_usd"].abs()
        done = (size * (days / known["days"]).clip(upper=1.0)).sum()
        return float(done / size.sum()) if size.sum() > 0 else np.nan


def liquidity(
    portfolio: Portfolio, volumes: pd.Series, sessions: int, source: str, participation: float = PARTICIPATION
) -> Liquidity:
    """Days to sell each name at a part of its average daily volume.

    Parameters
    ----------
    volumes : Series by name (company, or ticker outside the universe)
        Average shares traded a day on the share basis of today; a name without one is unknown.
    """
    held = portfolio.positions[portfolio.positions["kind"].isin((EQUITY, FUND))]
    sums = held.groupby("exposure_to")[["quantity", "value_usd"]].sum(min_count=1)
    names = sums.rename(columns={"quantity": "shares"}).rename_axis("name")
    names["volume"] = names.index.to_series().map(volumes).astype(float)
    names["days"] = names["shares"].abs() / (participation * names["volume"].where(names["volume"] > 0))
    return Liquidity(names.sort_values("days", ascending=False, kind="stable"), participation, sessions, source)
