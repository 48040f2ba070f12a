"""The items of a universe out of a filing or of a company's facts, each with its derivation, its checks and its doubts.

A machine proposes and a person approves: a row whose `needs` is not empty is for a person. Every filing is read by itself,
with what it states of each period. A value counts from the filing that states it first; a filing that repeats it adds no
row, and one that states another adds a row that counts from its own day. So a later filing never changes what was known
before it, whether it restates, changes from IFRS to US GAAP or, as a 10-K/A with Part III alone, states nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from screener.errors import EdgarFault
from screener.sources.edgar import addresses, coins, guards, preferred, segments, shares
from screener.sources.edgar.filed import Document
from screener.sources.edgar.found import UNMAPPED_COLUMNS, Left, Stock
from screener.sources.edgar.groups import Choice, choose, missing
from screener.sources.edgar.identity import refusal, same_business_since
from screener.sources.edgar.item_map import FLOWS, STANDARD, Group, item_map
from screener.sources.edgar.known import TIME_UNKNOWN, known_days
from screener.sources.edgar.quarters import Flow, is_quarter, quarters
from screener.sources.edgar.statements import Statement, settle, statements
from screener.sources.told import ITEM_COLUMNS
from screener.universes.items import FINANCIAL_ITEMS
from valuation._words import count

# Reports of the company's own figures; prospectuses and merger papers also carry those of others, and pro formas.
FORMS = ("10-Q", "10-K", "10-KT", "10-QT", "20-F", "40-F", "6-K", "8-K")
_ASSETS = (("us-gaap:Assets", "USD"), ("ifrs-full:Assets", "USD"))
# Tags that guards and the readers of coins, shares, preferred shares and segments look at.
_READ = re.compile(
    r"Debt|Borrowing|Loan|Notes|Crypto|Custod|Safeguard|PlatformOperator|Bitcoin|Digital|Preferred|TemporaryEquity|Revenue|"
    r"EntityCommonStock|Liabilities$|SellingGeneralAndAdministrativeExpense|ShareBasedCompensationExpense|LeaseIncome"
)
_UNCHANGED = 1e-4  # a value repeated with other roundings is no restatement
_DAYS_OF_FLOWS = (80, 380)


@dataclass
class _Work:
    """What one reading found: rows in the order of their filings, and what was left."""

    stocks: list[Stock] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    quarters: list[Flow] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def to_items(
    document: Document,
    filing: pd.DataFrame | pd.Series,
    company: Mapping[str, Any] | pd.Series,
    price: pd.Series | None = None,
    *,
    former: Iterable[str] = (),
    splits: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The items that a document states, as they became known.

    Parameters
    ----------
    document : Document
        A filing's facts with dimensions, or a company's facts of all filings.
    filing : DataFrame or Series
        `FILING_COLUMNS`: the filing, or for companyfacts all filings of the company. A fact of a filing that is not in it
        counts from its filing day and is marked `time unknown`.
    company : row of companies.csv
    price : Series or None
        Bitcoin's price in USD by day, to hold counts of coins against.
    former : names
        Former names as EDGAR lists them.
    splits : DataFrame or None
        `SPLIT_COLUMNS`; rows of other companies are not read.

    Returns
    -------
    DataFrame
        `ITEM_COLUMNS`, by item, period and day of publication. `confidence` is high where nothing needs a person, else
        medium.

    Raises
    ------
    EdgarFault
        The document is another company's.
    """
    return read(document, filing, company, price, former=former, splits=splits)[0]


def unmapped(
    document: Document,
    filing: pd.DataFrame | pd.Series,
    company: Mapping[str, Any] | pd.Series,
    price: pd.Series | None = None,
    *,
    former: Iterable[str] = (),
    splits: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The filed facts that look like an item and became none, each with the reason: `UNMAPPED_COLUMNS`.

    Parameters and errors are those of `to_items`.
    """
    return read(document, filing, company, price, former=former, splits=splits)[1]


def read(
    document: Document,
    filing: pd.DataFrame | pd.Series,
    company: Mapping[str, Any] | pd.Series,
    price: pd.Series | None = None,
    *,
    former: Iterable[str] = (),
    splits: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`to_items` and `unmapped` of a document in one reading; parameters and errors are those of `to_items`."""
    ticker = str(company["ticker"])
    if reason := refusal(document.cik, document.name, company, former):
        raise EdgarFault(reason, source="edgar", symbol=ticker)
    filings = filing.to_frame().T if isinstance(filing, pd.Series) else filing
    facts = _own(_named(document.facts, filings), ticker)
    of_filings = _filings(facts, filings, document.cik)
    ended, ahead = _ended(_relevant(facts, ticker))
    settled = settle(ended)
    settled["order"] = settled["accession"].map(of_filings["order"])
    settled = settled.sort_values(["order", "start", "end"], kind="stable")
    work = _Work(left=ahead)
    by_filing = {str(accession): rows for accession, rows in settled.groupby("accession", sort=False)}
    periods: dict[str, list[Statement]] = {}
    for statement in statements(settled):
        periods.setdefault(statement.accession, []).append(statement)
    for accession, rows in by_filing.items():
        known = (of_filings.at[accession, "known"], of_filings.at[accession, "order"])
        _of_filing(work, rows, periods.get(accession, []), document, ticker, known, price)
    for item in FLOWS:
        work.quarters += quarters(flow for flow in work.flows if flow.item == item)
    own_splits = None if splits is None else splits[splits["ticker"] == ticker]
    counted = shares.held_against(shares.counts(settled, ticker, list(by_filing)), of_filings["known"], own_splits)
    work.stocks += counted
    return _items(work, of_filings, ticker, document), _unmapped(work, of_filings, ticker)


def _named(facts: pd.DataFrame, filings: pd.DataFrame) -> pd.DataFrame:
    """Facts with the filing that states them: a report does not name its own, the one filing given does."""
    nameless = facts["accession"].eq("")
    if len(filings) != 1 or not nameless.any():
        return facts
    own = filings.iloc[0]
    named = {"accession": str(own["accession"]), "form": str(own["form"]), "filed": pd.Timestamp(own["filed"])}
    return facts.assign(**{name: facts[name].mask(nameless, value) for name, value in named.items()})


def _own(facts: pd.DataFrame, ticker: str) -> pd.DataFrame:
    """Facts of reports of today's business."""
    base = facts["form"].astype(str).str.removesuffix("/A")
    kept = base.isin(FORMS)
    since = same_business_since(ticker)
    if pd.notna(since):
        kept &= facts["filed"] >= since
    return facts[kept]


def _ended(facts: pd.DataFrame) -> tuple[pd.DataFrame, list[Left]]:
    """Facts of days and spans that had ended when they were filed, and the others as left: no filing knows them."""
    ahead = facts["end"] > facts["filed"]
    left = [
        Left("", row.end, f"{row.taxonomy}:{row.concept}", row.unit, float(row.value),
             f"the period ends after the filing of {row.filed:%Y-%m-%d}", row.accession)
        for row in facts[ahead].itertuples()
    ]  # fmt: skip
    return facts[~ahead], left


def _relevant(facts: pd.DataFrame, ticker: str) -> pd.DataFrame:
    """The facts that the map, its guards or the other readers look at; 19 in 20 of a large company's are not."""
    mapped = {line.name for ways in item_map(ticker).values() for group in ways for line in group.lines}
    tags = facts["taxonomy"] + ":" + facts["concept"]
    wanted = [tag for tag in tags.unique() if tag in mapped or _READ.search(tag) or tag.split(":")[0] not in STANDARD]
    return facts[tags.isin(wanted)]


def _filings(facts: pd.DataFrame, filings: pd.DataFrame, cik: str) -> pd.DataFrame:
    """By accession: form, filed, accepted_at, known, url, and the filing's place in time."""
    found = facts.groupby("accession")[["form", "filed"]].first()
    listed = filings.drop_duplicates("accession").set_index("accession")
    listed = listed.reindex(found.index)
    found["accepted_at"] = pd.to_datetime(listed["accepted_at"], utc=True)
    found["url"] = [
        url if isinstance(url, str) and url else f"{addresses.folder(cik, accession)}/"
        for accession, url in zip(found.index, listed["url"], strict=True)
    ]
    found["known"] = known_days(found["accepted_at"], found["filed"])
    found = found.assign(late=found["accepted_at"].isna()).reset_index()
    found = found.sort_values(["known", "late", "accepted_at", "filed", "accession"], kind="stable").set_index(
        "accession"
    )
    return found.drop(columns="late").assign(order=range(len(found)))


def _of_filing(
    work: _Work,
    rows: pd.DataFrame,
    periods: list[Statement],
    document: Document,
    ticker: str,
    known: tuple,
    price: pd.Series | None,
) -> None:
    """Add what one filing states."""
    groups = item_map(ticker)
    sheets = {statement.end for statement in periods if any(key in statement.values for key in _ASSETS)}
    if not sheets:
        sheets = {statement.end for statement in periods if pd.isna(statement.start)}
        if pd.notna(document.period_end) and document.period_end in sheets:
            sheets = {document.period_end}
    totals: dict[tuple, float] = {}
    for statement in periods:
        if pd.isna(statement.start) and statement.end in sheets:
            day = rows[rows["start"].isna() & (rows["end"] == statement.end)]
            _balance(work, statement, day, groups, price)
        elif pd.notna(statement.start):
            total = _spans(work, statement, groups, known)
            if total is not None:
                totals[statement.start, statement.end] = total
    told, left = segments.parts(rows, totals, ticker)
    work.flows += [Flow(*part[:6], known, *part[6:]) for part in told]
    work.left += left
    accession = str(rows["accession"].iloc[0])
    work.flows += [
        Flow("sga_cash", start, end, value, words, accession, known)
        for start, end, value, words in segments.overhead(rows)
    ]


def _balance(
    work: _Work,
    statement: Statement,
    day: pd.DataFrame,
    groups: Mapping[str, tuple[Group, ...]],
    price: pd.Series | None,
) -> None:
    """Add the items of one balance sheet date."""
    chosen: dict[str, Choice] = {}
    for item, ways in groups.items():
        if item in FLOWS:
            continue
        choice = choose(ways, statement)
        if choice is not None:
            chosen[item] = choice
        elif reason := missing(ways, statement):
            work.left.append(Left(item, statement.end, "", "", float("nan"), reason, statement.accession))
    chosen, refused = guards.of_balance(chosen, statement, day)
    work.left += refused + coins.customers(day, statement.end, statement.accession)
    work.left += guards.other_units(groups, statement)
    values = coins.fair_values(day, chosen.pop("btc_fair_value", None), statement.end, statement.accession)
    of_bitcoin = next((stock.value for stock in values if stock.item == "btc_fair_value"), None)
    held, left = coins.held(day, statement.end, statement.accession, of_bitcoin, price)
    own = chosen.pop("btc_held", None)
    if own is not None:
        left = [one for one in left if one.tag not in own.counted]
        held = held or [_own_count(own, statement, day, of_bitcoin, price)]
    work.stocks += values + held
    work.left += left
    work.stocks += preferred.equity(day, chosen.pop("preferred_equity", None), statement.end, statement.accession)
    work.stocks += [
        Stock(item, statement.end, choice.value, FINANCIAL_ITEMS[item].units[0], choice.derivation, statement.accession,
              choice.checks, choice.needs)
        for item, choice in chosen.items()
    ]  # fmt: skip


def _own_count(
    own: Choice, statement: Statement, day: pd.DataFrame, fair_value: float | None, price: pd.Series | None
) -> Stock:
    """Coins by a filer's own tag after its factor, always for a person."""
    checks, doubts = coins.held_against(own.value, fair_value, price, statement.end)
    doubts += [f"coins elsewhere: {one}" for one in coins.pledged_coins(day, fair_value or 0.0)]
    needs = (*own.needs, *doubts)
    return Stock("btc_held", statement.end, own.value, "btc", own.derivation, statement.accession, tuple(checks), needs)


def _spans(work: _Work, statement: Statement, groups: Mapping[str, tuple[Group, ...]], known: tuple) -> float | None:
    """Add the items of one span; its total revenue."""
    shortest, longest = _DAYS_OF_FLOWS
    if not shortest <= (statement.end - statement.start).days + 1 <= longest:
        return None
    total = None
    for item in FLOWS:
        choice = choose(groups.get(item, ()), statement)
        if choice is None:
            continue
        work.flows.append(
            Flow(item, statement.start, statement.end, choice.value, choice.derivation, statement.accession, known,
                 choice.checks, choice.needs)
        )  # fmt: skip
        if item == "revenue_total":
            total = choice.value
    return total


def _items(work: _Work, filings: pd.DataFrame, ticker: str, document: Document) -> pd.DataFrame:
    """`ITEM_COLUMNS` of what was found: of each value its first filing."""
    rows = list(work.stocks)
    for flow in work.quarters:
        rows.append(
                Stock(flow.item, flow.end, flow.value, FINANCIAL_ITEMS[flow.item].units[0], flow.derivation, flow.accession,
                      flow.checks, flow.needs)
            )  # fmt: skip
    frame = pd.DataFrame(
        [(row.item, row.end, row.value, row.unit, row.derivation, row.accession, row.checks, guards.signed(row))
         for row in rows],
        columns=["item", "period_end", "value", "unit", "evidence", "accession", "checks", "needs"],
    )  # fmt: skip
    frame = frame.astype({"value": "float64", "period_end": "datetime64[ns]"})
    frame = frame.join(filings, on="accession").sort_values(["item", "period_end", "order"], kind="stable")
    before = frame.groupby(["item", "period_end"])["value"].shift()
    frame = frame[~((frame["value"] - before).abs() <= _UNCHANGED * before.abs())]
    timed = frame["accepted_at"].notna()
    frame["checks"] = [
        "; ".join(said if known else (*said, TIME_UNKNOWN)) for said, known in zip(frame["checks"], timed, strict=True)
    ]
    frame["needs"] = frame["needs"].map("; ".join)
    frame = frame.assign(
        ticker=ticker, published_on=frame["known"], source_url=frame["url"],
        kind="filing" if document.form else "companyfacts",
        confidence=frame["needs"].map(lambda words: "medium" if words else "high"),
    )  # fmt: skip
    return frame[ITEM_COLUMNS].reset_index(drop=True)


def _unmapped(work: _Work, filings: pd.DataFrame, ticker: str) -> pd.DataFrame:
    """`UNMAPPED_COLUMNS` of what was left, spans that no quarter came of included; each once."""
    made = {(flow.item, flow.end) for flow in work.quarters}
    left = list(work.left)
    for flow in work.flows:
        if not is_quarter(flow.days) and (flow.item, flow.end) not in made:
            reason = f"{count(flow.days, 'day')} from {flow.start:%Y-%m-%d}; the quarter needs the span before it"
            left.append(Left(flow.item, flow.end, flow.derivation, "USD", flow.value, reason, flow.accession))
    frame = pd.DataFrame([vars(one) for one in left], columns=list(Left.__dataclass_fields__))
    frame = frame.join(filings, on="accession").sort_values(["item", "end", "order", "tag"], kind="stable")
    frame = frame.rename(columns={"end": "period_end"}).assign(ticker=ticker)
    keys = ["item", "period_end", "tag", "unit", "value", "reason"]
    return frame.drop_duplicates(keys)[UNMAPPED_COLUMNS].reset_index(drop=True)
