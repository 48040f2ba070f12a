"""The weekly history of one specification of the gap: estimates, checks of its trend, turnover, companies that stayed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.assumptions import Assumptions
from valuation.errors import NotEstimable
from valuation.findings import CANNOT, Finding, texts
from valuation.gap import hodges_lehmann as exact
from valuation.gap.history_checks import HistoryChecks, history_checks
from valuation.gap.membership import membership
from valuation.gap.specification_curve import CrossSections, level_ratios, typical_ratios
from valuation.gap.study_findings import through_time_findings
from valuation.gap.throughout import Throughout, throughout
from valuation.gap.turnover import GapChange, attribute

HISTORY_DRAWS = 999
HISTORY_COLUMNS = ["ratio", "low", "high", "n_pivot", "n_bitcoin", "p_value", "level_reached", "band_low", "band_high"]


@dataclass(frozen=True, repr=False)
class GapHistory(ResultMixin):
    """The gap of one specification week by week, point in time.

    Attributes
    ----------
    frame : DataFrame
        Indexed by as_of: ratio, low, high, n_pivot, n_bitcoin, p_value, level_reached; NaN where a group has fewer than
        three companies. Interval and p belong to the typical ratio and are NaN for another statistic. band_low and
        band_high hold the typical ratio in every week at once (resampled companies), NaN without `checks`.
    checks : HistoryChecks or None
        Trend, level break, paths without each company and bands of the typical ratio.
    note : str
        Why `checks` is None.
    change : GapChange or None
        What moved the ratio of geometric means; None with fewer than two measurable weeks.
    membership : DataFrame
        Who entered, left or changed group, by week, with the reason (`membership.membership`).
    throughout : Throughout
        The typical ratio among the companies present throughout.
    level : float
        Of the intervals.
    draws, seed : of the checks
    """

    frame: pd.DataFrame
    checks: HistoryChecks | None
    note: str
    change: GapChange | None
    membership: pd.DataFrame
    throughout: Throughout
    draws: int
    level: float
    seed: int

    @property
    def measured(self) -> pd.DataFrame:
        """The weeks with three companies in each group."""
        return self.frame[self.frame["ratio"].notna()]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Trend, what moved the gap, and the gap of the companies present throughout; why not, where there is no trend."""
        untold = Finding(f"No trend estimated: {self.note}.", CANNOT, {"weeks": len(self.measured)})
        return (*([untold] if self.checks is None else []), *self.sentences)

    @property
    def sentences(self) -> tuple[Finding, ...]:
        """The findings without a word on a trend that was not estimated, which a page says elsewhere."""
        return (*through_time_findings(self.checks, self.change), *self.throughout.findings)

    def _summary(self) -> Summary:
        known = self.measured
        quarterly = known.groupby(known.index.to_period("Q")).tail(1) if len(known) else known
        shown = quarterly[["ratio", "low", "high", "n_pivot", "n_bitcoin"]]
        lines = [f"{len(known)} of {len(self.frame)} weeks measured; {self.level:.0%} intervals, by enumeration"]
        lines += [] if self.change is None else [f"{self.change}."]
        table = small(shown, "Last measured week of each quarter", rows=16)
        return Summary("Valuation gap through time", tuple(lines), (table,), tuple(texts(self.findings)))


def through_time(
    sampled: CrossSections,
    statistic: str,
    assumptions: Assumptions,
    *,
    priced: pd.DataFrame,
    contracted_usd: pd.DataFrame,
) -> GapHistory:
    """The history of one specification with the checks of its trend, and turnover.

    Parameters
    ----------
    sampled : CrossSections
        One denominator, rule and setting of the switches, a row a date, ascending.
    priced, contracted_usd : DataFrame (dates, tickers)
        Whether a company has a close that is not too old, and its contracted AI revenue a year: why members change.
    """
    draws = min(HISTORY_DRAWS, assumptions.bootstrap_draws)
    level, seed = assumptions.confidence_level, assumptions.seed
    dates = pd.DatetimeIndex(sampled.labels["as_of"], name="as_of")
    frame = typical_ratios(sampled.value, sampled.mw, sampled.is_pivot, level).set_axis(dates)
    if statistic != exact.TYPICAL:
        ratio = level_ratios(sampled.value, sampled.mw, sampled.is_pivot, statistic)
        frame = frame.assign(ratio=np.where(frame["ratio"].notna(), ratio, np.nan), low=np.nan, high=np.nan)
        frame[["p_value", "level_reached"]] = np.nan
    frame = frame.assign(n_pivot=sampled.n_pivot, n_bitcoin=sampled.n_bitcoin, band_low=np.nan, band_high=np.nan)
    frame = frame[HISTORY_COLUMNS]
    logs = pd.DataFrame(np.log(sampled.value / sampled.mw), index=dates, columns=sampled.tickers)
    is_pivot = pd.DataFrame(sampled.is_pivot, index=dates, columns=sampled.tickers)
    change, moved = attribute(sampled), membership(sampled, priced, contracted_usd)
    stayed = throughout(sampled)
    try:
        checks = history_checks(logs, is_pivot, level=level, paths=draws, seed=seed)
    except NotEstimable as error:
        return GapHistory(frame, None, str(error), change, moved, stayed, draws, level, seed)
    if statistic == exact.TYPICAL:
        band = np.exp(checks.band[["low_bootstrap", "high_bootstrap"]])
        frame.loc[band.index, ["band_low", "band_high"]] = band.to_numpy()
    return GapHistory(frame, checks, "", change, moved, stayed, draws, level, seed)
