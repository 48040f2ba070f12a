"""What moved: the change of each position's value since an earlier close, at today's quantities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.portfolio.kinds import AT_CLOSE, CASH, DERIVATIVES
from valuation.portfolio.positions import FROM_CLOSE, Portfolio

BY_CLOSE, BY_EXPOSURE = "close", "exposure"
NO_EARLIER, NO_CLOSE = "no earlier close", "no close of its own"


@dataclass(frozen=True, repr=False)
class Moves(ResultMixin):
    """Change of a portfolio's value since an earlier close, position by position; trades in between are not in it.

    Attributes
    ----------
    since : Timestamp
        Day of the earlier closes.
    positions : DataFrame
        On the rows of the portfolio's positions: price_before_usd, price_now_usd (of what moves the position: of a
        derivative its underlying), change (fraction of that price), pnl_usd, contribution (fraction of the net value of
        then), how (`close`, or `exposure` where a derivative moves by its exposure times the underlying's change), and why
        there is none.
    net : float
        Net value today, USD.
    """

    since: pd.Timestamp
    positions: pd.DataFrame
    net: float

    @property
    def frame(self) -> pd.DataFrame:
        return self.positions

    @property
    def pnl_usd(self) -> float:
        """Change of value over the positions whose change is known; NaN where there is none."""
        return float(self.positions["pnl_usd"].sum(min_count=1))

    @property
    def change(self) -> float:
        """Fraction of the net value of then."""
        return _of(self.pnl_usd, self.net - self.pnl_usd)

    @property
    def known(self) -> tuple[int, int]:
        """Positions with a change, of how many but cash."""
        moving = self.positions[self.positions["how"] != CASH]
        return int(moving["pnl_usd"].notna().sum()), len(moving)


def moves(portfolio: Portfolio, before: pd.Series, since: pd.Timestamp) -> Moves:
    """Change of each position since the closes of `since`, on today's quantities and share basis.

    Parameters
    ----------
    before : Series by name (`exposure_to`), USD
        Closes of `since` on today's share basis.
    """
    held = portfolio.positions
    out = pd.DataFrame(index=held.index)
    out["price_before_usd"] = held["exposure_to"].map(before).astype(float)
    own = held["price_usd"].where(held["source"] == FROM_CLOSE)
    out["price_now_usd"] = own.where(held["kind"].isin(AT_CLOSE), held["underlying_usd"])
    out["change"] = out["price_now_usd"] / out["price_before_usd"] - 1
    plain, derived, cash = (held["kind"].isin(AT_CLOSE), held["kind"].isin(DERIVATIVES), held["kind"] == CASH)
    by_close = held["quantity"] * (out["price_now_usd"] - out["price_before_usd"])
    # An exposure of today times the change from the earlier close to today's, as a fraction of today's.
    by_exposure = held["exposure_usd"] * (1 - out["price_before_usd"] / out["price_now_usd"])
    out["pnl_usd"] = np.select([plain, derived, cash], [by_close, by_exposure, 0.0], np.nan)
    out["how"] = np.select([plain, derived, cash], [BY_CLOSE, BY_EXPOSURE, CASH], "")
    # Valued at the file's price, a position has no move of its own between two closes.
    unpriced = plain & (held["source"] != FROM_CLOSE)
    causes = np.select([unpriced | (out["how"] == ""), derived & held["exposure_usd"].isna()],
                       [NO_CLOSE, held["exposure_cause"]], NO_EARLIER)  # fmt: skip
    out["why"] = np.where(out["pnl_usd"].isna(), causes, "")
    earlier = portfolio.net - out["pnl_usd"].sum()
    out["contribution"] = out["pnl_usd"] / earlier if earlier > 0 else np.nan
    return Moves(since, out, portfolio.net)


def _of(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
