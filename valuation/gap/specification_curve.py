"""Specification curve of the gap: denominator x bridge switches x group rule x statistic, on one date or many.

Simonsohn, Simmons & Nelson (2020): the reader sees the whole curve, and the headline was declared before looking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import SIGNIFICANT
from valuation.assumptions import Assumptions, Bridge
from valuation.denominators import DENOMINATORS, MILLION
from valuation.fundamentals import company_metrics, dilution
from valuation.fundamentals.company_metrics import Valuation
from valuation.fundamentals.enterprise_value import fixed_lines, switched
from valuation.gap import permutation
from valuation.gap.estimate import GAP_DENOMINATORS, HEADLINE, OF_LEVELS, STATISTICS
from valuation.gap.hodges_lehmann import LEAST_MEMBERS, TYPICAL, many
from valuation.gap.ratios import blocks, log_level
from valuation.groups import DEFAULT_RULE, PIVOT, RULES, Rule
from valuation.inputs import Inputs

# count_pledged_bitcoin is left out: no pledged balance is in the data, so both of its settings are one specification.
VARIED = ("net_bitcoin", "net_restricted_cash", "prepayments_as_debt", "if_converted")
AXES = ("denominator", *VARIED, "rule", "statistic")


@dataclass(frozen=True)
class CrossSections:
    """Cross-sections of enterprise value and MW, a row a (date, denominator, switches, rule).

    Attributes
    ----------
    labels : DataFrame
        as_of and the axes but the statistic, a row a cross-section.
    value, mw : float array (rows, tickers)
        Enterprise value in m USD and the denominator; NaN where the company is not in the cross-section.
    is_pivot : bool array (rows, tickers)
    tickers : Index
    """

    labels: pd.DataFrame
    value: np.ndarray
    mw: np.ndarray
    is_pivot: np.ndarray
    tickers: pd.Index

    def where(self, rows: np.ndarray) -> CrossSections:
        """The cross-sections at `rows`, a boolean array."""
        return CrossSections(
            self.labels[rows].reset_index(drop=True), self.value[rows], self.mw[rows], self.is_pivot[rows], self.tickers
        )

    @property
    def n_distinct(self) -> int:
        """Cross-sections that differ: a switch of a line that nobody reports makes no difference."""
        return len(self.distinct()[0])

    def distinct(self) -> tuple[np.ndarray, np.ndarray]:
        """One row for each cross-section that differs, and for every row its place among them."""
        return distinct_rows(self.value, self.mw, self.is_pivot)

    @property
    def n_pivot(self) -> np.ndarray:
        """AI-group companies in each cross-section."""
        return (self.is_pivot & ~np.isnan(self.value)).sum(axis=1)

    @property
    def n_bitcoin(self) -> np.ndarray:
        """Mining companies in each cross-section."""
        return (~self.is_pivot & ~np.isnan(self.value)).sum(axis=1)


def distinct_rows(*arrays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One row for each that differs in any of the arrays, and for every row its place among them; NaN equals NaN."""
    rows = np.hstack([np.nan_to_num(each, nan=-1.0) for each in arrays])
    _, once, every_row = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return once, every_row.reshape(-1)


def switch_settings() -> Iterator[Bridge]:
    """Every setting of the switches that the data distinguish, the default first."""
    default = Bridge()
    choices = [(getattr(default, name), not getattr(default, name)) for name in VARIED]
    for setting in product(*choices):
        yield Bridge(**dict(zip(VARIED, setting, strict=True)))


def cross_sections(
    inputs: Inputs,
    assumptions: Assumptions,
    *,
    rules: Sequence[str] | Mapping[str, Rule] | None = None,
    settings: Sequence[Bridge] | None = None,
    denominator_names: Sequence[str] | None = None,
    valued: Valuation | None = None,
) -> CrossSections:
    """The cross-sections of every specification on every date of `inputs`.

    A company is in a cross-section where it is a miner of its own with a meaningful EV, its EV and MW are known and
    positive, and its group is known. All group rules, switches and denominators of the registries where none are named.
    """
    by_name = (
        rules if isinstance(rules, Mapping) else {name: RULES[name] for name in (RULES if rules is None else rules)}
    )
    denominator_names = tuple(GAP_DENOMINATORS) if denominator_names is None else denominator_names
    settings = list(switch_settings()) if settings is None else list(settings)
    # Shares of AI, MW and exclusions are the same under every rule and switch.
    base = valued or company_metrics.value(inputs, assumptions, Bridge(), next(iter(by_name.values())))
    shape = (len(inputs.index.levels[0]), len(inputs.index.levels[1]))
    dates, tickers = inputs.index.levels
    own = (base.table["excluded"] == "").to_numpy().reshape(shape)
    groups = {name: rule.apply(base.table).to_numpy(dtype=object).reshape(shape) for name, rule in by_name.items()}
    fixed: dict[bool, pd.DataFrame] = {}
    labels, values, mws, pivots = [], [], [], []
    for switches in settings:
        if switches.if_converted not in fixed:
            each = dilution.dilution(inputs.instruments, inputs.items["price_usd"], if_converted=switches.if_converted)
            fixed[switches.if_converted] = fixed_lines(inputs, dilution.by_company(each, inputs.index))
        bridge = switched(fixed[switches.if_converted], inputs, switches)
        ev = bridge["enterprise_value_usd"].to_numpy().reshape(shape) / MILLION
        for denominator in denominator_names:
            column = DENOMINATORS[denominator].denominator
            mw = base.table[column].to_numpy(dtype=float).reshape(shape)
            for name, group in groups.items():
                known = own & (ev > 0) & (mw > 0) & ~pd.isna(group)
                labels.append((denominator, name, *(getattr(switches, k) for k in VARIED)))
                values.append(np.where(known, ev, np.nan))
                mws.append(np.where(known, mw, np.nan))
                pivots.append(known & (group == PIVOT))
    every = pd.DataFrame(labels, columns=["denominator", "rule", *VARIED])
    every = every.loc[every.index.repeat(len(dates))].reset_index(drop=True)
    every.insert(0, "as_of", dates.take(np.tile(np.arange(len(dates)), len(labels))))
    return CrossSections(every, np.vstack(values), np.vstack(mws), np.vstack(pivots), tickers)


@dataclass(frozen=True, repr=False)
class SpecificationCurve(ResultMixin):
    """The gap under every specification, on one date or many.

    Attributes
    ----------
    frame : DataFrame
        as_of, the axes, ratio, low, high, p_value, level_reached, n_pivot, n_bitcoin, is_headline. Interval and p are NaN
        where a group has fewer than three companies; only the typical ratio has an interval.
    draws, seed : of the permutations beyond 20,000 labellings
    level : of the intervals
    method : str
    """

    frame: pd.DataFrame
    draws: int
    level: float
    seed: int
    method: str

    @property
    def measured(self) -> pd.DataFrame:
        """Specifications with a test: at least three companies in each group."""
        return self.frame[self.frame["p_value"].notna()]

    def shares(self) -> pd.DataFrame:
        """Per date: specifications measured, share with a ratio above 1 and significantly so, median ratio and range."""
        done = self.measured
        grouped = done.assign(
            above=done["ratio"] > 1.0, significant=(done["ratio"] > 1.0) & (done["p_value"] <= SIGNIFICANT)
        ).groupby("as_of")
        return pd.DataFrame(
            {
                "measured": grouped.size(),
                "share_ratio_above_one": grouped["above"].mean(),
                "share_significant": grouped["significant"].mean(),
                "median_ratio": grouped["ratio"].median(),
                "smallest_ratio": grouped["ratio"].min(),
                "largest_ratio": grouped["ratio"].max(),
            }
        )

    @property
    def headline(self) -> pd.DataFrame:
        """The declared specification, a row a date."""
        return self.frame[self.frame["is_headline"]].set_index("as_of")

    def _summary(self) -> Summary:
        note = f"{self.method}; B = {self.draws:,} and seed {self.seed} beyond 20,000 labellings."
        title = f"Specification curve of the valuation gap, {len(self.frame):,} specifications"
        return Summary(title, tables=(small(self.shares()),), notes=(note,))


def curve(sampled: CrossSections, assumptions: Assumptions) -> SpecificationCurve:
    """Ratio and p-value of every specification in `sampled`, with the interval of the typical ratio.

    Parameters
    ----------
    sampled : CrossSections
    assumptions : Assumptions
        Draws, level and seed.
    """
    once, every_row = sampled.distinct()
    value, mw, is_pivot = sampled.value[once], sampled.mw[once], sampled.is_pivot[once]
    draws, level, seed = assumptions.bootstrap_draws, assumptions.confidence_level, assumptions.seed
    results = {TYPICAL: typical_ratios(value, mw, is_pivot, level)}
    tests = permutation.permutation_statistics(value, mw, is_pivot, OF_LEVELS, draws=draws, seed=seed)
    for statistic in OF_LEVELS:
        results[statistic] = pd.DataFrame(
            {
                "ratio": level_ratios(value, mw, is_pivot, statistic),
                "low": np.nan,
                "high": np.nan,
                "level_reached": np.nan,
            }
            | {"p_value": tests[statistic].p_value}
        )
    sizes = {"n_pivot": sampled.n_pivot, "n_bitcoin": sampled.n_bitcoin}
    few = np.minimum(*sizes.values()) < LEAST_MEMBERS
    frames = []
    for statistic in STATISTICS:
        figures = results[statistic].iloc[every_row].reset_index(drop=True)
        figures.loc[few, ["low", "high", "p_value"]] = np.nan
        kept = figures[["ratio", "low", "high", "p_value", "level_reached"]]
        frames.append(pd.concat([sampled.labels.assign(statistic=statistic), kept], axis=1).assign(**sizes))
    frame = pd.concat(frames, ignore_index=True)
    default = Bridge()
    declared = (
        (frame["denominator"].map({key: one.metric for key, one in DENOMINATORS.items()}) == HEADLINE[0])
        & (frame["statistic"] == HEADLINE[1])
        & (frame["rule"] == declared_rule(frame["rule"].unique()))
    )
    for name in VARIED:
        declared &= frame[name] == getattr(default, name)
    frame["is_headline"] = declared
    return SpecificationCurve(
        frame=frame,
        draws=assumptions.bootstrap_draws,
        level=assumptions.confidence_level,
        seed=assumptions.seed,
        method="exact Wilcoxon rank-sum test of the typical ratio; label permutation test of the other statistics",
    )


def declared_rule(rules: Iterable[str]) -> str:
    """The group rule of the declared specification among those of a curve: the default, or a sector's own."""
    names = list(rules)
    return DEFAULT_RULE if DEFAULT_RULE in names or not names else names[0]


def typical_ratios(value: np.ndarray, mw: np.ndarray, is_pivot: np.ndarray, level: float) -> pd.DataFrame:
    """Typical ratio of each cross-section with the interval and p of its exact test; NaN with fewer than three in a group.

    Parameters
    ----------
    value, mw, is_pivot : (rows, companies) arrays
        As in `CrossSections`.
    level : float

    Returns
    -------
    DataFrame
        ratio, low, high, p_value, level_reached, a row a cross-section.
    """
    multiples, known = value / mw, ~np.isnan(value)
    found = many(
        (
            (row[there & pivot], row[there & ~pivot])
            for row, there, pivot in zip(multiples, known, is_pivot, strict=True)
        ),
        level=level,
    )
    rows = [(np.nan,) * 5 if one is None else (one.ratio, one.low, one.high, one.p, one.level_reached) for one in found]
    return pd.DataFrame(rows, columns=["ratio", "low", "high", "p_value", "level_reached"])


def level_ratios(value: np.ndarray, mw: np.ndarray, is_pivot: np.ndarray, statistic: str) -> np.ndarray:
    """Ratio of the groups' levels in each cross-section, NaN where a group is empty."""
    out = np.full(len(value), np.nan)
    for block in blocks(value, mw, is_pivot):
        first, second = (log_level(*group, statistic) for group in zip(block.value, block.mw, strict=True))
        out[block.rows] = np.exp(first - second)
    return out
