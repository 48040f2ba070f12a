"""The share count of a cover page: one number, or the classes that carry economics, added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from screener.sources.edgar import tables
from screener.sources.edgar.found import Stock, one_dimension
from screener.sources.edgar.statements import plain, which

CONCEPT = "EntityCommonStockSharesOutstanding"
_AXIS = "StatementClassOfStockAxis"
# A count below 0.8 or above 3 times the one before is a split, another class or a slip of the pen.
_LEAST_RATIO, _MOST_RATIO = 0.8, 3.0


def counts(settled: pd.DataFrame, ticker: str, order: Sequence[str]) -> list[Stock]:
    """The count of each filing's cover, in the order of the accession numbers given.

    Classes are added where classes.csv says that they carry economics; a class that is missing on the cover or in the
    table needs a person. `end` is the day of the count.
    """
    cover = settled[(settled["concept"] == CONCEPT) & (settled["taxonomy"] == "dei") & (settled["unit"] == "shares")]
    found = []
    by_filing = dict(iter(cover.groupby("accession")))
    for accession in (one for one in order if one in by_filing):
        rows = by_filing[accession]
        whole = rows[which(rows["dimensions"], lambda dims: not dims)]
        by_class = rows[which(rows["dimensions"], _is_class)]
        if len(whole):
            last = whole.sort_values("end").iloc[-1]
            needs = (f"the cover states two counts: {last.doubt}",) if last.doubt else ()
            words = f"cover {plain(last.value)}"
            found.append(Stock("shares_outstanding", last.end, last.value, "shares", words, str(accession), (), needs))
        elif len(by_class):
            found.append(_of_classes(by_class, ticker, str(accession)))
    return found


def _is_class(dimensions: tuple[tuple[str, str], ...]) -> bool:
    axis, _ = one_dimension(dimensions)
    return axis == _AXIS


def _of_classes(rows: pd.DataFrame, ticker: str, accession: str) -> Stock:
    table = tables.classes()
    flags = table[table["ticker"] == ticker].set_index("member")["economic"]
    end = rows["end"].max()
    newest = rows[rows["end"] == end]
    stated = {one_dimension(row.dimensions)[1]: float(row.value) for row in newest.itertuples()}
    needs = []
    unknown = sorted(set(stated) - set(flags.index))
    if unknown:
        needs.append(f"classes.csv does not say whether {', '.join(unknown)} of {ticker} carry economics")
    absent = sorted(set(flags.index[flags == "yes"]) - set(stated))
    if absent:
        needs.append(f"the cover has no count of {', '.join(absent)}")
    counted = {
        member: value for member, value in sorted(stated.items()) if flags.get(member, "yes") in {"yes", "optional"}
    }
    units = {member: value for member, value in sorted(stated.items()) if flags.get(member) == "units"}
    if units:
        both = plain(sum(counted.values()) + sum(units.values()))
        needs.append(f"{_words(units)} has no economics, its partnership units exchange one for one: {both} with them")
    without = [f"{_words({member: value})} carries no economics" for member, value in sorted(stated.items())
               if flags.get(member) == "no"]  # fmt: skip
    words = f"cover, by class: {_words(counted)}"
    value = float(sum(counted.values()))
    return Stock("shares_outstanding", end, value, "shares", words, accession, tuple(without), tuple(needs))


def held_against(found: Iterable[Stock], known: pd.Series, splits: pd.DataFrame | None) -> list[Stock]:
    """The counts with what speaks against them: a leap from the count before, or a split before the filing.

    Parameters
    ----------
    found : Stock
        In the order in which they became known.
    known : Series
        The first day whose close could know each filing, by accession.
    splits : DataFrame or None
        `SPLIT_COLUMNS` of the company; None where they are not known.
    """
    kept: list[Stock] = []
    for count in found:
        needs = list(count.needs)
        earlier = [one for one in kept if one.end < count.end]
        before = max(earlier, key=lambda one: one.end, default=None)
        if not count.value > 0:
            needs.append("the count is not positive")
        elif before is not None and before.value > 0:
            ratio = count.value / before.value
            if not _LEAST_RATIO <= ratio <= _MOST_RATIO:
                needs.append(f"{ratio:.2f} times the count of {before.end:%Y-%m-%d}, {plain(before.value)}")
        days = [] if splits is None else list(splits["first_day_on_new_basis"])
        needs += [
            f"split of {day:%Y-%m-%d}, between the count and the filing: its basis is not stated"
            for day in days
            if count.end < day <= known[count.accession]
        ]
        kept.append(replace(count, needs=tuple(needs)))
    return kept


def _words(counts_: dict[str, float]) -> str:
    return " + ".join(f"{member} {plain(value)}" for member, value in counts_.items())
