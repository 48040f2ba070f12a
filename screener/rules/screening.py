"""A screen applied to a universe: companies selected, not classified, and their rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.rules import nodes
from screener.rules.check import TRUTH, Expression
from screener.rules.evaluate import condition, values
from screener.rules.panel import Panel
from screener.rules.screens import ScreenRules
from valuation.regression.prediction import assumptions_of_interval
from valuation.screen import Screen
from valuation.screening import cross_section
from valuation.screening.result import Screened


@dataclass(frozen=True)
class Selection:
    """A screen over a panel; arrays (dates, names).

    Attributes
    ----------
    member : bool
        Selected: meets the condition and, where the screen takes the top ones, is one of them.
    unknown : bool
        Not classified: the condition or the ranking needs a missing input.
    passes : bool
        Meets the condition, ranked or not.
    score : float
        Higher is better, of everybody who is screened; NaN without a ranking or where unknown.
    """

    member: np.ndarray
    unknown: np.ndarray
    passes: np.ndarray
    score: np.ndarray


def select(panel: Panel, rules: ScreenRules) -> Selection:
    """Apply a screen to every date of a panel at once."""
    if rules.where is None:
        passes, unknown = panel.eligible.copy(), np.zeros(panel.shape, dtype=bool)
    else:
        found = condition(rules.where, panel, rules.used)
        passes, unknown = found.true & panel.eligible, ~found.known & panel.eligible
    scored = score(panel, rules)
    member = passes
    if rules.ranked:
        without = passes & np.isnan(scored)
        unknown, member = unknown | without, passes & ~without
        if rules.top is not None:
            member = cross_section.top(np.where(member, scored, np.nan), rules.top)
    return Selection(member, unknown, passes, scored)


def score(panel: Panel, rules: ScreenRules) -> np.ndarray:
    """The score of each company, higher being better; z-scores are taken over all companies screened."""
    if rules.rank_by is not None:
        return np.where(panel.eligible, rules.rank_by.best * values(rules.rank_by, panel), np.nan)
    if not rules.weights:
        return np.full(panel.shape, np.nan)
    return cross_section.composite(
        [values(by, panel) for by, _ in rules.weights],
        [weight * by.best for by, weight in rules.weights],
        tail=rules.winsorise,
        least_coverage=rules.least_coverage,
        codes=panel.sections(rules.within) if rules.within else None,
        eligible=panel.eligible,
    )


def screen(result: Screen, rules: ScreenRules) -> Screened:
    """Apply a screen to one date of a universe.

    Parameters
    ----------
    result : Screen
        From `screener.pipeline.run`.
    """
    panel = Panel.of(result.table, result.status, everybody=rules.include_excluded)
    found = select(panel, rules)
    tickers = result.table.index
    member, scored = found.member[0], found.score[0]
    order = np.lexsort((np.arange(len(tickers)), -np.nan_to_num(scored)))
    chosen = order[member[order]]
    table = pd.DataFrame(index=tickers[chosen])
    status = pd.DataFrame(index=table.index)
    if rules.ranked:
        table["rank"] = np.arange(1, len(chosen) + 1)
    if rules.weights:
        table["score"] = scored[chosen]
    for column in rules.columns or _default_columns(rules):
        name = str(column)
        table[name] = (panel.text(name) if column.kind == "text" else values(column, panel))[0][chosen]
        status[name] = result.status.loc[table.index, name] if name in result.status else "ok"
    if rules.sort is not None:
        by, falling = rules.sort
        key = panel.text(str(by)) if by.kind == "text" else values(by, panel)
        order = pd.Series(key[0][chosen], index=table.index).sort_values(ascending=not falling, kind="stable").index
        table, status = table.loc[order], status.loc[order]
    lost = tickers[found.unknown[0]]
    why = pd.DataFrame({"why": [_why(result, rules, ticker) for ticker in lost]}, index=lost, dtype=object)
    return Screened(
        name=rules.name,
        title=rules.title or "Your rule",
        about=rules.about,
        where=str(rules.where or ""),
        ranking=rules.ranking,
        as_of=result.as_of,
        table=table,
        status=status,
        unknown=why,
        conditions=_conditions(panel, rules),
        n=int(panel.eligible.sum()),
        excluded=tuple(tickers[~panel.eligible[0]]),
        notes=_notes(result, table),
        price_line=result.price_line,
        prices_are_old=result.prices_are_old,
    )


def _notes(result: Screen, table: pd.DataFrame) -> tuple[str, ...]:
    """What the prediction interval of a company rests on, where a column shows one of its ends."""
    line = result.regression
    if line is None or not {"premium_to_line_low", "premium_to_line_high"} & set(table.columns):
        return ()
    return (assumptions_of_interval(line.n, line.level),)


def _default_columns(rules: ScreenRules) -> tuple[Expression, ...]:
    """The group and the metrics that the screen uses."""
    asked = [by for by in (rules.rank_by, *(by for by, _ in rules.weights)) if by is not None]
    metrics = [Expression(nodes.Name(n), "text" if n == "group" else "number") for n in ("group", *rules.used)]
    return tuple({str(by): by for by in [*metrics, *asked]}.values())


def _why(result: Screen, rules: ScreenRules, ticker: str) -> str:
    """The missing inputs of a company behind the metrics that the screen uses."""
    causes: list[str] = []
    for name in rules.used:
        if name not in result.status:
            causes.append(f"{name} is not on this screen")
        elif result.status.at[ticker, name] == "missing":
            parts = result.causes.at[ticker, name].split("; ")
            causes += [part for part in parts if part.endswith("unknown")] or parts
    return "; ".join(dict.fromkeys(causes)) or "too few of its metrics are known for a score"


def _conditions(panel: Panel, rules: ScreenRules) -> pd.DataFrame:
    columns = ["condition", "meet", "fail", "unknown"]
    if rules.where is None:
        return pd.DataFrame(columns=columns)
    node = rules.where.node
    parts = node.conditions if isinstance(node, nodes.Joined) and node.word == "and" else (node,)
    rows = []
    for part in parts:
        found = condition(Expression(part, TRUTH), panel, rules.used)
        rows.append(
            [str(part)] + [int((mask & panel.eligible).sum()) for mask in (found.true, found.false, ~found.known)]
        )
    return pd.DataFrame(rows, columns=columns)
