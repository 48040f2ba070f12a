"""One table of a file as holdings: a kind and a unit for every row, figures held against each other, faults by cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.holdings import currencies, hundredths, same_security
from screener.holdings.choices import Choices
from screener.holdings.grid import EMPTY_FORMULA
from screener.holdings.habits import Habit, habit_of
from screener.holdings.identifiers import is_isin, isins_by_ticker, looks_like_isin, tickers_by_isin
from screener.holdings.kinds import BOND, CASH, COIN, FUND_TOO, FUTURE, OPTION, Kind, Row, kind_of, plain
from screener.holdings.numbers import Numbers
from screener.holdings.reconciliation import Total, total_problem
from screener.holdings.rows import LOT, NUMBERS, POSITION, TOTAL, WATCHED, WORDS, Rows, rows_of
from screener.holdings.symbols import spelled
from screener.holdings.tables import Table
from screener.holdings.units import Figures, figures_of

COLUMNS = [
    "account", "ticker", "kind", "description", "isin", "quantity", "cost", "price", "unit", "value", "currency",
    "underlying", "right", "strike", "expiry", "notional", "file", "line",
]  # fmt: skip
LARGEST = 1e12
# Names of columns that hold a kind in one file and something else in another: an unknown word there is no fault.
LOOSE = {"type", "class", "category", "kategorie", "art"}
# An amount under a name of tickers: the columns are shifted.
_AMOUNT = re.compile(r"[-+($€£]*[0-9][0-9.,'\u00a0]*[.,][0-9]+\)?-?")
_TICKER = re.compile(r"[A-Z0-9][A-Z0-9.\-/^=]{0,19}")
_NAMED_CURRENCY = re.compile(r"\(([A-Z]{3})\)\s*$")


@dataclass
class Cleaned:
    """Holdings of one table (`COLUMNS`), faults that refuse the file, rows left out, and what a reader should know.

    `amounts` holds the value of every row as the file has it, for the totals; `totals` are those lines.
    """

    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    habit: Habit = field(default_factory=Habit)
    lines: int = 0
    checked: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    assumed: str = ""
    totals: list[Total] = field(default_factory=list)
    amounts: pd.DataFrame = field(default_factory=pd.DataFrame)


def place_of(table: Table) -> str:
    """The file as faults name it, with its sheet."""
    return table.grid.file + (f" [{table.grid.sheet}]" if table.grid.sheet else "")


def clean(table: Table, choices: Choices) -> Cleaned:
    """Turn the rows of a table into holdings; with `problems` the frame is of no use."""
    rows = rows_of(table)
    out = Cleaned(pd.DataFrame(columns=COLUMNS))
    file = place_of(table)
    _count(rows, out)
    raw = rows.of(POSITION).reset_index()
    if raw.empty:
        return out
    told = _Faults(table, raw, file)
    told.refuse(
        raw["surplus"] != "", "", raw["surplus"],
        "as many cells as the header has names; a thousands comma without quotes shifts the columns",
    )  # fmt: skip
    _rivals(told, raw, table)
    out.habit = habit_of(table, rows, choices)
    out.problems += out.habit.problems(file)
    if out.problems or told.problems:
        out.problems += told.problems
        return out
    numbers = out.habit.read(raw)
    raw = _identified(raw, out, file)
    kinds = _kinds(raw, numbers, table, choices)
    kind = pd.Series([found.kind for found in kinds], index=raw.index, dtype=object)
    currency, why = _currencies(raw, numbers, kind, table, choices, out)
    _row_faults(told, raw, numbers, kinds, kind, currency, table)
    for at, reason in why.items():
        told.refuse_row(int(at), "currency", raw.at[at, "ticker"], reason)
    for name, doubted in hundredths.lone_marks(raw, numbers, kind, table, choices).items():
        told.where(doubted, name, "a currency that other figures of the row or of the column confirm")
    for at, reason in hundredths.impossible(raw, numbers["multiplier"].value, kind, currency).items():
        told.leave_out(at, "currency", raw.at[at, "currency"], reason)
    _undecided(told, raw, kinds)
    if not choices.allow_duplicates:
        told.problems += _duplicates(raw, file)
    figures = figures_of(raw, numbers, kind, kinds, currency, table, told, choices)
    out.notes += same_security.check(raw, kinds, kind, figures, currency, table, told, choices)
    out.problems += told.problems
    out.left_out = told.left_out
    out.notes += [*figures.notes, *_notes(table, raw, kinds, file)]
    out.checked = figures.checked
    _totals(out, rows, raw, figures, currency, table, file)
    if out.problems:
        return out
    whole = _frame(raw, figures, kinds, kind, currency, table, file)
    good = ~whole["line"].isin(told.lines)
    zero = good & (whole["quantity"] == 0)
    if zero.any():
        out.counts["of a quantity of zero"] = int(zero.sum())
    out.frame = whole[good & ~zero]
    return out


class _Faults:
    """Collects what is wrong, each with its place: what refuses the file, and what leaves a row out."""

    def __init__(self, table: Table, raw: pd.DataFrame, file: str) -> None:
        self.table, self.raw, self.file = table, raw, file
        self.problems: list[Problem] = []
        self.left_out: list[Problem] = []
        self.lines: set[int] = set()

    def where(self, mask: pd.Series, column: str, expected: str) -> None:
        """Leave out the rows of `mask`, for what stands in the column that gave `column`."""
        if not mask.any():
            return
        name = self.table.header_text(column)
        rows = self.raw.loc[mask.to_numpy(dtype=bool), ["line", column]]
        for line, value in rows.itertuples(index=False):
            shown = "a formula without a stored value" if value == EMPTY_FORMULA else value[:60]
            self.left_out.append(Problem(self.file, int(line), name, shown, expected))
            self.lines.add(int(line))

    def leave_out(self, at: int, column: str, shown: str, message: str) -> None:
        """Leave out a row for a reason that is no cell's alone."""
        line = int(self.raw["line"].iloc[at])
        self.left_out.append(Problem(self.file, line, self.table.header_text(column), shown[:60], "", message))
        self.lines.add(line)

    def refuse(self, mask: pd.Series, column: str, shown: pd.Series, expected: str) -> None:
        for at in np.flatnonzero(mask.to_numpy(dtype=bool)):
            self.refuse_row(int(at), column, str(shown.iloc[at]), "", expected)

    def refuse_row(self, at: int, column: str, shown: str, message: str, expected: str = "") -> None:
        name = self.table.header_text(column) if column else ""
        line = int(self.raw["line"].iloc[at])
        self.problems.append(Problem(self.file, line, name, shown[:60], expected, message))


def _count(rows: Rows, out: Cleaned) -> None:
    names = {
        TOTAL: "totals", LOT: "lots, which the file sums", WATCHED: "without a quantity, watched and not held",
        WORDS: "of text",
    }  # fmt: skip
    out.counts = {words: rows.count(state) for state, words in names.items() if rows.count(state)}
    out.lines = int((rows.frame["filled"] > 0).sum())


def _rivals(told: _Faults, raw: pd.DataFrame, table: Table) -> None:
    """Two columns that may hold a field, and differ: which one counts, the file does not say."""
    for field_name, place in table.header.rivals:
        other = [table.grid.rows[table.rows[at]][place : place + 1] for at in raw["index"]]
        for at, cell in enumerate(other):
            if cell and any(c.isdigit() for c in cell[0]) and cell[0] != raw[field_name].iloc[at]:
                name, mine = table.grid.rows[table.header_at][place], table.header_text(field_name)
                what = "quantities" if field_name == "quantity" else f"{mine}"
                which = f"{name} in column {place + 1}" if name.casefold() == mine.casefold() else name
                message = f"two columns of {what}, this one and {which} with {cell[0][:20]}: remove or rename one"
                told.refuse_row(at, field_name, str(raw[field_name].iloc[at]), message)
                return


def _identified(raw: pd.DataFrame, out: Cleaned, file: str) -> pd.DataFrame:
    """Tickers in one spelling, ISINs in their own column, and the ticker of an ISIN where it is known."""
    symbol, isin = raw["ticker"].map(spelled), raw["isin"].str.strip().str.upper()
    swapped = isin.ne("") & ~isin.map(looks_like_isin) & (symbol == "")
    symbol, isin = symbol.where(~swapped, isin.map(spelled)), isin.where(~swapped, "")
    misplaced = symbol.map(looks_like_isin) & (isin == "")
    symbol, isin = symbol.where(~misplaced, ""), isin.where(~misplaced, symbol)
    known = isin.map(tickers_by_isin()).fillna("")
    unknown = (symbol == "") & isin.ne("") & (known == "")
    if unknown.any():
        names = ", ".join(dict.fromkeys(isin[unknown]))
        out.notes.append(f"{file}: no ticker known of {names}: held under the ISIN, at the file's own price")
    own = symbol.map(isins_by_ticker()).fillna("")
    # A new ISIN follows a split or a move; another country is another company with the same ticker.
    other = isin.ne("") & own.ne("") & (isin.str.slice(0, 2) != own.str.slice(0, 2))
    for ticker, code in dict(zip(symbol[other], isin[other], strict=True)).items():
        out.notes.append(f"{file}: {ticker} with the ISIN {code} is another security than the US share {ticker}")
    by_isin = (symbol == "") & known.ne("")
    symbol = symbol.where(~by_isin, known)
    symbol = symbol.where(~(other | unknown), isin)
    return raw.assign(ticker=symbol, isin=isin, by_isin=by_isin)


@lru_cache(maxsize=20_000)
def _kind(row: Row, given: str) -> Kind:
    return kind_of(row, given)


def _kinds(raw: pd.DataFrame, numbers: dict[str, Numbers], table: Table, choices: Choices) -> list[Kind]:
    layout = table.header.layout
    binds = "kind" in table.header.columns and plain(table.header_text("kind")) not in LOOSE
    price, quantity, value = (numbers[name].value.to_numpy() for name in ("price", "quantity", "value"))
    cost, unit_cost = numbers["cost"].value.to_numpy(), numbers["unit_cost"].value.to_numpy()
    texts = raw[["ticker", "description", "kind", "strike", "expiry", "right", "isin", "first"]]
    out = []
    for at, (symbol, name, said, strike, expiry, right, isin, first) in enumerate(texts.itertuples(index=False)):
        unit = np.nan
        if symbol in FUND_TOO:
            with np.errstate(all="ignore"):
                tried = (price[at], value[at] / quantity[at], unit_cost[at], cost[at] / quantity[at])
            unit = next((abs(float(x)) for x in tried if np.isfinite(x)), np.nan)
        cash = symbol in layout.cash or first.upper() in layout.cash
        cash |= layout.blank_is_cash and not symbol and not isin and not np.isfinite(quantity[at])
        word = "cash" if cash else said
        # NaN is not equal to itself: of the price only what kinds ask of it goes into the cache's key.
        shown = 1.0 if price[at] == 1 else None if np.isnan(price[at]) else 2.0
        row = Row(symbol, name, word, binds or cash, shown, None if np.isnan(unit) else unit,
                  strike, expiry, right, isin)  # fmt: skip
        out.append(_kind(row, choices.kinds.get(symbol, choices.kinds.get(isin, "") if isin else "")))
    return out


def _currencies(
    raw: pd.DataFrame, numbers: dict[str, Numbers], kind: pd.Series, table: Table, choices: Choices, out: Cleaned
) -> tuple[pd.Series, dict[int, str]]:
    """The code of each row, a part of a currency included, and why some have none.

    The column's, else what signs say, else the exchange of the ticker's ending, else --currency, else the layout's, else
    USD for a ticker without an ending.
    """
    layout = table.header.layout
    given = raw["currency"].map(currencies.spelled)
    signs = pd.Series("", index=raw.index, dtype=object)
    for name in ("price", "value", "cost", "unit_cost"):
        signs = signs.where(signs != "", numbers[name].currency)
    found = given.where(given != "", signs)
    # The price says pence where the column says pounds.
    mark = numbers["price"].currency
    finer = hundredths.in_hundredths(mark) & (mark.map(lambda code: currencies.main(code)[0]) == given)
    found = found.where(~finer, mark)
    symbol = raw["ticker"]
    cash = kind == CASH
    by_name = raw["description"].str.upper().str.extract(_NAMED_CURRENCY, expand=False).fillna("")
    named = symbol.where(symbol.isin(currencies.CURRENCIES), by_name.where(by_name.isin(currencies.CURRENCIES), ""))
    found = found.where((found != "") | ~cash, named)
    priced = pd.Series(False, index=raw.index)
    for name in ("price", "value", "cost", "unit_cost"):
        priced |= numbers[name].value.notna()
    pair = (kind == COIN) & (found == "")
    coin_in = symbol.str.extract(r"[-/](USD|EUR|GBP|CAD|AUD|CHF|JPY)$", expand=False).fillna("USD")
    found = found.where(~pair, coin_in)
    endings = symbol.map(currencies.ending).where(~cash & (found == ""), "")
    why: dict[int, str] = {}
    for at in np.flatnonzero(endings.to_numpy() != "").tolist():
        exchange, code = currencies.EXCHANGES[endings.iloc[at]]
        main = currencies.main(code)[0]
        if endings.iloc[at] in (".L", ".LON") and layout.london:
            code = layout.london
        elif choices.currency and (code == "" or currencies.main(choices.currency)[0] == main):
            code = choices.currency
        elif code in currencies.PARTS and priced.iloc[at]:
            why[at] = (
                f"{exchange} quotes in {code} (hundredths) and in {main}, and the file does not say which: "
                f"--currency {code} or --currency {main}"
            )
        elif code == "" and priced.iloc[at]:
            why[at] = (
                f"lines of {exchange} trade in several currencies and the file does not say which: --currency CODE"
            )
        found.iloc[at] = main if code in currencies.PARTS and not priced.iloc[at] else code or "USD"
    if table.header.value_currency and "price" not in table.header.columns:
        found = found.where(found != "", table.header.value_currency)
    cash_in = currencies.spelled(table.header.value_currency) if table.header.value_currency else ""
    found = found.where((found != "") | ~cash, cash_in)
    fallback = choices.currency or layout.currency
    bare = found == ""
    if fallback:
        return found.where(~bare, fallback), why
    account_money = layout.name == "trading212-pie"
    by_isin = (raw["isin"] != "") & (symbol == raw["isin"])
    unknown = bare & (by_isin | account_money) & ~cash & priced
    for at in np.flatnonzero(unknown.to_numpy()).tolist()[:1]:
        why[at] = "the file does not say in which currency its prices and values are: --currency CODE"
    if (bare & priced).any():
        out.assumed = "USD"
    return found.where(~bare, "USD"), why


def _row_faults(
    told: _Faults, raw: pd.DataFrame, numbers: dict[str, Numbers], kinds: list[Kind], kind: pd.Series,
    currency: pd.Series, table: Table,
) -> None:  # fmt: skip
    """Rows that cannot be read: no ticker, no number, no currency; each leaves its row out."""
    cash, option = kind == CASH, kind == OPTION
    symbol = raw["ticker"]
    nameless = pd.Series([found.ticker == "" for found in kinds], index=raw.index) & ~cash
    wanted = "isin" if "ticker" not in table.header.columns and "isin" in table.header.columns else "ticker"
    told.where(nameless, wanted, "a ticker" if wanted == "ticker" else "an ISIN or a ticker")
    checked = raw["isin"].map(lambda code: looks_like_isin(code) and not is_isin(code)).astype(bool)
    told.where(checked, "isin", "an ISIN whose check digit is right")
    strange = ~cash & ~option & ~kind.isin((BOND, FUTURE)) & ~nameless & ~symbol.str.fullmatch(_TICKER).astype(bool)
    strange |= ~cash & symbol.str.fullmatch(_AMOUNT).astype(bool)
    told.where(strange, "ticker", "a ticker: letters, digits, point, hyphen")
    unknown = pd.Series([bool(found.unknown_word) for found in kinds], index=raw.index)
    told.where(unknown, "kind", "a kind such as stock, ETF, option, bond, crypto, cash; --kind TICKER=KIND says it")
    for name in NUMBERS:
        told.where(numbers[name].wrong, name, "a number")
    told.where(numbers["price"].percent & (kind != BOND), "price", "an amount of money, not per cent")
    blank = numbers["quantity"].value.isna() & ~numbers["quantity"].wrong & ~(cash & numbers["value"].value.notna())
    blank &= ~(cash & numbers["value"].wrong)
    told.where(blank, "quantity", "a number" if "quantity" in table.header.columns else "a column of quantities")
    for name in ("quantity", "price", "value", "cost", "unit_cost"):
        told.where(numbers[name].value.abs() > LARGEST, name, f"at most {LARGEST:,.0f}")
    told.where(~currency.map(currencies.known), "currency", "a currency code such as USD or CAD")


def _undecided(told: _Faults, raw: pd.DataFrame, kinds: list[Kind]) -> None:
    for at, found in enumerate(kinds):
        if found.undecided:
            ticker = raw["ticker"].iloc[at]
            ways = " or ".join(f"--kind {ticker}={kind}" for kind in found.undecided)
            told.refuse_row(
                at, "ticker", ticker, f"{ticker} is a {' and a '.join(found.undecided)} of one ticker: {ways}"
            )


def _duplicates(raw: pd.DataFrame, file: str) -> list[Problem]:
    again = raw.duplicated("cells", keep="first")
    if not again.any():
        return []
    first = raw.drop_duplicates("cells").set_index("cells")["line"]
    remedy = "--allow-duplicates adds equal lines as lots"
    return [
        Problem(file, int(line), "", ticker, f"a line other than line {first[cells]}; {remedy}")
        for line, ticker, cells in raw.loc[again, ["line", "ticker", "cells"]].itertuples(index=False)
    ]


def _frame(
    raw: pd.DataFrame,
    figures: Figures,
    kinds: list[Kind],
    kind: pd.Series,
    currency: pd.Series,
    table: Table,
    file: str,
) -> pd.DataFrame:
    account = raw["account"].where(raw["account"] != "", raw["title"])
    account = account.where(account != "", table.grid.sheet or Path(table.grid.file).stem)
    contracts = [found.contract for found in kinds]
    return pd.DataFrame(
        {
            "account": account,
            "ticker": [found.ticker for found in kinds],
            "kind": kind,
            "description": raw["description"],
            "isin": raw["isin"],
            "quantity": figures.quantity,
            "cost": figures.cost,
            "price": figures.price,
            "unit": figures.unit,
            "value": figures.value,
            "currency": currency.map(lambda code: currencies.main(code)[0]),
            "underlying": [one.underlying if one else "" for one in contracts],
            "right": [one.right if one else "" for one in contracts],
            "strike": [one.strike if one else np.nan for one in contracts],
            "expiry": pd.to_datetime([one.expiry if one else None for one in contracts]),
            "notional": figures.notional,
            "file": file,
            "line": raw["line"],
        }
    )


def _notes(table: Table, raw: pd.DataFrame, kinds: list[Kind], file: str) -> list[str]:
    notes = []
    if (raw["ticker"].str.upper().str.startswith("PENDING ACTIVITY")).any():
        notes.append(f"{file}: pending activity counts as cash")
    formulas = table.formulas()
    if formulas:
        notes.append(f"{file}: {formulas} cells hold formulas; the values stored with them were taken")
    adjusted = sorted({found.ticker for found in kinds if found.contract is not None and found.contract.adjusted})
    if adjusted:
        notes.append(f"{file}: {', '.join(adjusted)}: adjusted contracts, which may deliver other than 100 shares")
    unread = sorted({found.ticker for found in kinds if found.kind == OPTION and found.contract is None})
    if unread:
        notes.append(f"{file}: {', '.join(unread)}: options whose strike, expiry and right the file does not say")
    return notes


def _totals(
    out: Cleaned, rows: Rows, raw: pd.DataFrame, figures: Figures, currency: pd.Series, table: Table, file: str
) -> None:
    """The lines of totals and what they are held against."""
    frame = rows.of(TOTAL)
    out.amounts = pd.DataFrame(
        {
            "at": raw["index"], "amount": figures.shown, "sign": np.sign(figures.quantity),
            "kind_text": raw["kind"], "currency_text": raw["currency"],
            "currency": table.header.value_currency or currency,
            "account": raw["account"].where(raw["account"] != "", raw["title"]),
        }
    )  # fmt: skip
    if frame.empty or "value" not in table.header.columns:
        return
    places = frame.index.to_numpy()
    out.amounts["since"] = np.searchsorted(places, out.amounts["at"].to_numpy())
    read = out.habit.read(frame.reset_index(drop=True))["value"]
    statement = table.header.layout.name == "ibkr-statement"
    for at, (place, row) in enumerate(frame.iterrows()):
        value = read.value.iloc[at]
        if np.isnan(value):
            if row["value"]:
                out.notes.append(f"{file}:{row['line']}: a total that is no number ({row['value'][:30]}), not checked")
            continue
        out.totals.append(
            Total(file, int(row["line"]), table.header_text("value"), float(value), row["kind"] if statement else "",
                  row["currency"] if statement else "", row["account"] or "", int(place), float(read.step.iloc[at]))
        )  # fmt: skip


def check_totals(cleaned: list[Cleaned], choices: Choices) -> None:
    """Hold the totals of a file's tables against their lines; adds problems, or notes of what was accepted."""
    before = 0.0
    for one in cleaned:
        for total in one.totals:
            problem = total_problem(total, one.amounts, before)
            if problem is None:
                continue
            if choices.accepts(total.file, total.line, ""):
                one.notes.append(f"Accepted: {problem}")
            else:
                one.problems.append(problem)
        before += float(one.amounts["amount"].sum()) if len(one.amounts) else 0.0
