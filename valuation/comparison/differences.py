"""Differences of two screens figure by figure: metrics, lines of the bridge, sentences of the findings."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from valuation.fundamentals.enterprise_value import ADDED, DEDUCTED
from valuation.metrics import METRICS
from valuation.status import USABLE

METRIC_COLUMNS = ["ticker", "metric", "before", "after", "change", "status_before", "status_after"]
LINE_COLUMNS = ["ticker", "line", "before", "after", "ev_effect"]
SENTENCE_COLUMNS = ["change", "before", "after"]
# Lines of a bridge that make the enterprise value, with the sign that each has in it.
SIGNS = dict.fromkeys(ADDED, 1.0) | dict.fromkeys(DEDUCTED, -1.0)
# A difference below this part of the figure is rounding.
ROUNDING = 1e-12
_FIGURE = re.compile(r"[-+]?\$?\d[\d,]*(?:\.\d+)?")


def metric_differences(
    before: pd.DataFrame, after: pd.DataFrame, status_before: pd.DataFrame, status_after: pd.DataFrame
) -> pd.DataFrame:
    """Metrics whose value or status differs, for the companies of both screens.

    Parameters
    ----------
    before, after, status_before, status_after : DataFrame
        Indexed by ticker, a column a metric.

    Returns
    -------
    DataFrame
        `METRIC_COLUMNS`, a row a company and metric: change is the change over the size of the earlier value, of
        fractions the difference, NaN where one is unknown. Largest change first, then figures that became known or unknown.
    """
    names = [n for n in METRICS if n in before and n in after and METRICS[n].unit != "text"]
    tickers = after.index[after.index.isin(before.index)]
    wide = {
        "before": before.loc[tickers, names].astype(float).where(_usable(status_before, tickers, names)),
        "after": after.loc[tickers, names].astype(float).where(_usable(status_after, tickers, names)),
        "status_before": status_before.loc[tickers, names],
        "status_after": status_after.loc[tickers, names],
    }
    index = pd.MultiIndex.from_product([tickers, names], names=["ticker", "metric"])
    out = pd.DataFrame({key: frame.to_numpy().ravel() for key, frame in wide.items()}, index=index)
    old, new = out["before"].to_numpy(float), out["after"].to_numpy(float)
    moved = np.abs(new - old) > ROUNDING * np.abs(old)
    of_fraction = out.index.get_level_values("metric").map(lambda name: METRICS[name].unit == "fraction")
    base = np.where(of_fraction, 1.0, np.abs(old))
    out["change"] = np.divide(new - old, base, out=np.full(len(out), np.nan), where=base != 0)
    out = out[moved | (np.isnan(old) != np.isnan(new)) | (out["status_before"] != out["status_after"])]
    order = out["change"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
    return out.loc[order].reset_index()[METRIC_COLUMNS]


def _usable(status: pd.DataFrame, tickers: pd.Index, names: Sequence[str]) -> pd.DataFrame:
    return status.loc[tickers, list(names)].isin(USABLE)


def line_differences(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Lines of the bridge that differ, for the companies of both screens, the largest effect on EV first.

    Returns
    -------
    DataFrame
        `LINE_COLUMNS` in USD: ev_effect is the change with the sign that the line has in enterprise value; a line that
        is not reported counts as nothing in it.
    """
    tickers = after.index[after.index.isin(before.index)]
    lines = [line for line in SIGNS if line in before and line in after]
    index = pd.MultiIndex.from_product([tickers, lines], names=["ticker", "line"])
    wide = (frame.loc[tickers, lines].to_numpy(dtype=float).ravel() for frame in (before, after))
    out = pd.DataFrame(dict(zip(("before", "after"), wide, strict=True)), index=index).reset_index()
    change = out["after"].fillna(0.0) - out["before"].fillna(0.0)
    out["ev_effect"] = change * out["line"].map(SIGNS)
    changed = change.abs() > ROUNDING * out["before"].abs()
    out = out[changed | (out["before"].isna() != out["after"].isna())]
    order = out["ev_effect"].abs().sort_values(ascending=False, kind="stable").index
    return out.loc[order, LINE_COLUMNS].reset_index(drop=True)


def sentence_differences(before: Sequence[str] | None, after: Sequence[str] | None) -> pd.DataFrame:
    """Findings that changed: `figures` (the same sentence with other figures), `new`, `gone`.

    Parameters
    ----------
    before, after : sequence of str or None
        None where a screen keeps none: then nothing can be compared, and there is no row.
    """
    if before is None or after is None:
        return pd.DataFrame(columns=SENTENCE_COLUMNS, dtype=object)
    fresh = [text for text in after if text not in set(before)]
    left = [text for text in before if text not in set(after)]
    rows: list[tuple[str, str, str]] = []
    for text in fresh:
        alike = next((old for old in left if _without_figures(old) == _without_figures(text)), None)
        if alike is not None:
            left.remove(alike)
        rows.append(("new" if alike is None else "figures", alike or "", text))
    rows += [("gone", text, "") for text in left]
    rows.sort(key=lambda row: ("new", "gone", "figures").index(row[0]))
    return pd.DataFrame(rows, columns=SENTENCE_COLUMNS, dtype=object)


def _without_figures(text: str) -> str:
    return _FIGURE.sub("#", text.replace("p < ", "p = "))
