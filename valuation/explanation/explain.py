"""One figure of one company: its formula with numbers, step by step to the facts, and what a change of each would do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import day
from valuation.errors import UnknownName
from valuation.explanation.figures import others_on_the_line
from valuation.explanation.sensitivity import holders, leaves, sensitivities
from valuation.explanation.terms import Terms, branch, evaluate, is_walked, names
from valuation.inputs import Inputs
from valuation.metrics import METRICS, metric
from valuation.screen import Screen

# Rows of facts by what a metric's list of inputs calls them: the item before its colon.
INSTRUMENTS = ("convertible", "warrant", "option", "rsu")
FACT_ITEMS = {
    "prices": ("price_usd",), "instruments": INSTRUMENTS, "contract values": ("contract",), "contract MW": ("contract",),
    "phases": ("phase",), "estimates": ("estimate",), "network": ("network",),
    "subsidiary_price": ("price_usd", "shares_outstanding", *INSTRUMENTS),
}  # fmt: skip
# Project debt drawn since stays with the project until it is spent: it is restricted cash, by the transaction's fact.
ALSO = {"restricted_cash": "cash: transaction, project debt"}
# Of these the facts of a subsidiary that the company consolidates are its own too.
OF_SUBSIDIARY = ("contract values", "contract MW", "phases", "mw_operating_ai")
OF_MARKET = ("btc_usd", "network")
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
        Depth-first from the figure, metrics and the lines between them and the facts: depth, name, formula (with each
        choice made; empty where a rule lists its members), value, status, causes (both empty for a line).
    terms : dict
        Value of each name in the formulas.
    inputs : DataFrame
        item, with_10_percent_more (the figure with this input 10% higher, by the engine; NaN where it is then unknown),
        change and relative. Inputs that are unknown or zero have no row.
    facts : DataFrame
        The facts behind it: columns of `Screen.facts`, and stale_on, the first day on which the fact is stale (NaT
        where it does not age).
    subsidiaries : tuple of str
        Listed companies that it consolidates: some of the facts are theirs.
    others : DataFrame
        The companies whose line it is measured against, with the two figures of each; empty where it rests on none.
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
    subsidiaries: tuple[str, ...]
    others: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """The steps."""
        return self.steps

    def _summary(self) -> Summary:
        title = f"{METRICS[self.metric].title} of {self.name} ({self.ticker}), {day(self.as_of)}"
        return Summary(title, (METRICS[self.metric].definition,), (small(self.inputs),))


def explain(
    screen: Screen,
    inputs: Inputs,
    ticker: str,
    name: str,
    max_age_days: Callable[[str], float | None],
    more_facts: pd.DataFrame | None = None,
) -> Explanation:
    """The explanation of a metric of one company.

    Parameters
    ----------
    inputs : Inputs
        Of the screen's date.
    max_age_days : callable
        Of an item: the days after which a figure of it is stale; None where it does not age.
    more_facts : DataFrame, optional
        Facts that are in lists of their own and not in `Screen.facts`, in the same columns: phases, estimates, network.

    Raises
    ------
    UnknownName
        No such metric or company.
    """
    metric(name)
    if ticker not in screen.table.index:
        raise UnknownName(f"no company {ticker!r} on this screen")
    terms = next(one for one in Terms.of(screen, inputs) if one.ticker == ticker)
    steps, values = walk(terms, name)
    on_line = "value_on_line" in set(steps["name"])
    facts = screen.facts if more_facts is None else pd.concat([screen.facts, more_facts], ignore_index=True)
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
        facts=facts_behind(screen, facts, ticker, name, max_age_days),
        subsidiaries=tuple(holders(screen.companies, ticker)[1:]),
        others=others_on_the_line(screen, ticker) if on_line else pd.DataFrame(),
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
        formula = terms.formula(one)
        found = evaluate(formula, terms) if formula else terms.value(one)
        chosen = branch(formula, terms) if formula else ""
        rows.append((depth, one, chosen, found, *_state(terms, one)))
        for part in names(chosen) if formula else ():
            if f"total({part})" in chosen:
                values[part] = terms.total(part)
            else:
                values[part] = terms.value(part)
                if is_walked(part):
                    step(part, depth + 1)

    step(name, 0)
    return pd.DataFrame(rows, columns=STEP_COLUMNS), values


def _state(terms: Terms, name: str) -> tuple[str, str]:
    """Status and causes of a metric; empty for a line."""
    screen = terms.screen
    return (screen.status.at[terms.ticker, name], screen.causes.at[terms.ticker, name]) if name in METRICS else ("", "")


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


def facts_behind(
    screen: Screen, facts: pd.DataFrame, ticker: str, name: str, max_age_days: Callable[[str], float | None]
) -> pd.DataFrame:
    """The facts that a company's metric rests on, with stale_on; see `Explanation.facts`."""
    kind = facts["item"].str.split(":").str[0]
    rest_on, chosen = leaves(name), pd.Series(False, index=facts.index)
    with_subsidiary = holders(screen.companies, ticker)
    for leaf in rest_on:
        whose = with_subsidiary if leaf in OF_SUBSIDIARY else [ticker]
        whose = with_subsidiary[1:] if leaf == "subsidiary_price" else whose
        mine = facts["ticker"].isin(whose) if leaf not in OF_MARKET else True
        chosen |= (kind.isin(FACT_ITEMS.get(leaf, (leaf,))) | facts["item"].eq(ALSO.get(leaf, ""))) & mine
    rows = facts[chosen].reset_index(drop=True)
    ages = [max_age_days(item) if ":" not in item else None for item in rows["item"]]
    limit = pd.to_timedelta(pd.Series(ages, index=rows.index, dtype=float), unit="D")
    return rows.assign(stale_on=rows["period_end"] + limit + pd.Timedelta(days=1))
