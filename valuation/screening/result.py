"""Result of a screening rule on one date."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import day


@dataclass(frozen=True, repr=False)
class Screened(ResultMixin):
    """Companies that a screening rule includes, excludes or cannot classify.

    Attributes
    ----------
    name, title, about : str
        Of the screen.
    where, ranking : str
        The condition in canonical form and how the names are ordered, in words; empty where the screen has none.
    as_of : Timestamp
    table : DataFrame
        Indexed by ticker in the order shown, the names that are in: rank and, for a composite, score; then the columns
        asked for, by the name of the metric or the text of the expression.
    status : DataFrame
        The status of each of those columns; `ok` for an expression.
    unknown : DataFrame
        Indexed by ticker: `why`, what is unknown of it.
    conditions : DataFrame
        A row a condition joined by `and` at the top: how many `meet`, `fail` and are `unknown`, each on its own.
    n : int
        Names screened.
    excluded : tuple of str
        Names outside the statistics, not screened.
    notes : tuple of str
        What a shown column rests on.
    price_line : str
        Where prices come from and how old they are; `prices_are_old` where that is a warning.
    """

    name: str
    title: str
    about: str
    where: str
    ranking: str
    as_of: pd.Timestamp
    table: pd.DataFrame
    status: pd.DataFrame
    unknown: pd.DataFrame
    conditions: pd.DataFrame
    n: int
    excluded: tuple[str, ...]
    notes: tuple[str, ...]
    price_line: str
    prices_are_old: bool

    @property
    def frame(self) -> pd.DataFrame:
        """The names that are in."""
        return self.table

    @property
    def out(self) -> int:
        """How many are known to be out, or not among the best."""
        return self.n - len(self.table) - len(self.unknown)

    @property
    def counts(self) -> str:
        """In, out and unknown, in words."""
        return f"{len(self.table)} in, {self.out} out, {len(self.unknown)} unknown of n = {self.n}"

    def _summary(self) -> Summary:
        lines = [line for line in (self.counts, self.about, self.price_line) if line]
        notes = [f"Not classified (missing input): {ticker}, {why}." for ticker, why in self.unknown["why"].items()]
        return Summary(f"{self.title}, {day(self.as_of)}", tuple(lines), (small(self.table),), (*notes, *self.notes))
