"""One figure of one company: its formula with numbers, step by step to the facts, and what a change of each would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import day
from valuation.errors import UnknownName
from valuation.explanation.sensitivity import leaves, sensitivities
from valuation.explanation.terms import Terms, branch, evaluate, is_metric, used
from valuation.inputs import Inputs
from valuation.metrics import METRICS, metric
from valuation.screen import Screen

# Rows of facts by what a metric's list of inputs calls them.
FACT_ITEMS = {
    "prices": ("price_usd",), "instruments": ("convertible", "warrant", "option", "rsu"),
    "contract values": ("contract",), "contract MW": (),
}  # fmt: skip
STEP_COLUMNS = ["depth", "name", "formula", "value", "status", "causes"]
INPUT_COLUMNS = ["item", "with_10_percent_more", "change", "relative"]


@dataclass(frozen=True, repr=False)
class Explanation(ResultMixin):
    """A figure walked back to its facts.

    Attributes
    ----------
    ticker, name, metric : str
    as_of : Timestamp
    value : float or str
    status, causes : str
    steps : DataFrame
        Depth-first from the figure: depth, name, formula (with each choice made; empty where the figure is read or is no
        arithmetic), value, status, causes.
    terms : dict
        Value of each name in the formulas.
    inputs : DataFrame
        item, with_10_percent_more (the figure with this input 10% higher, by the engine; NaN where it is then unknown),
        change and relative. Inputs that are unknown or zero have no row.
    facts : DataFrame
        The facts behind it: columns of `Screen.facts`, and stale_on, the first day on which the fact is stale (NaT
        where it does not age).
    """

    ticker: str
    name: str
    metric: str
    as_of: pd.Timestamp
    value: float | str
    status: str
    causes: str
    steps: pd.DataFrame
    terms: dict[str, float]
    inputs: pd.DataFrame
    facts: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """The steps."""
        return self.steps

    def _summary(self) -> Summary:
        title = f"{METRICS[self.metric].title} of {self.name} ({self.ticker}), {day(self.as_of)}"
        return Summary(title, (METRICS[self.metric].definition,), (small(self.inputs),))


def explain(
    screen: Screen, inputs: Inputs, ticker: str, name: str, max_age_days: Callable[[str], float | None]
) -> Explanation:
    """The explanation of a metric of one company.

    Parameters
    ----------
    inputs : Inputs
        Of the screen's date.
    max_age_days : callable
        Of an item: the days after which a figure of it is stale; None where it does not age.

    Raises
    ------
    UnknownName
        No such metric or company.
    """
    metric(name)
    if ticker not in screen.table.index:
        raise UnknownName(f"no company {ticker!r} on this screen")
    terms = Terms(screen, ticker, inputs.critical_it.xs(ticker, level="ticker").iloc[0])
    steps, values = walk(terms, name)
    figure = screen.table.at[ticker, name]
    return Explanation(
        ticker=ticker,
        name=str(screen.companies.at[ticker, "name"]),
        metric=name,
        as_of=screen.as_of,
        value=figure if isinstance(figure, str) else float("nan") if figure is None else float(figure),
        status=str(screen.status.at[ticker, name]),
        causes=str(screen.causes.at[ticker, name]),
        steps=steps,
        terms=values,
        inputs=_inputs(screen, inputs, ticker, name),
        facts=_facts(screen, ticker, name, max_age_days),
    )


def walk(terms: Terms, name: str) -> tuple[pd.DataFrame, dict[str, float]]:
    """The steps from a metric back to what is read, and the value of each name in their formulas."""
    rows: list[tuple[int, str, str, float, str, str]] = []
    values: dict[str, float] = {}
    seen: set[str] = set()

    def step(one: str, depth: int) -> None:
        if one in seen:
            return
        seen.add(one)
        formula = METRICS[one].formula
        found = evaluate(formula, terms) if formula else terms.value(one)
        screen, ticker = terms.screen, terms.ticker
        chosen = branch(formula, terms) if formula else ""
        rows.append((depth, one, chosen, found, screen.status.at[ticker, one], screen.causes.at[ticker, one]))
        for part in used(formula, terms) if formula else ():
            if f"total({part})" in chosen:
                values[part] = terms.total(part)
            else:
                values[part] = terms.value(part)
                if is_metric(part):
                    step(part, depth + 1)
        for part in () if formula else METRICS[one].inputs:
            if is_metric(part):
                step(part, depth + 1)

    step(name, 0)
    return pd.DataFrame(rows, columns=STEP_COLUMNS), values


def _inputs(screen: Screen, inputs: Inputs, ticker: str, name: str) -> pd.DataFrame:
    """Effect of 10% more of each input, the largest first; of a text (the group) there is none."""
    if METRICS[name].unit == "text":
        return pd.DataFrame(columns=INPUT_COLUMNS)
    now = float(screen.table.at[ticker, name])
    with_more = sensitivities(screen, inputs, ticker, name)
    out = pd.DataFrame({"item": with_more.index, "with_10_percent_more": with_more.to_numpy(dtype=float)})
    out["change"] = out["with_10_percent_more"] - now
    out["relative"] = out["change"] / abs(now) if now else float("nan")
    order = out["change"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
    return out.loc[order, INPUT_COLUMNS].reset_index(drop=True)


def _facts(screen: Screen, ticker: str, name: str, max_age_days: Callable[[str], float | None]) -> pd.DataFrame:
    items = {item for leaf in leaves(name) for item in FACT_ITEMS.get(leaf, (leaf,))}
    kind = screen.facts["item"].str.split(":").str[0]
    mine = (screen.facts["ticker"] == ticker) | (kind == "btc_usd")
    rows = screen.facts[mine & kind.isin(items)].reset_index(drop=True)
    ages = [max_age_days(item) if ":" not in item else None for item in rows["item"]]
    limit = pd.to_timedelta(pd.Series(ages, index=rows.index, dtype=float), unit="D")
    return rows.assign(stale_on=rows["period_end"] + limit + pd.Timedelta(days=1))
