"""Tables within a file: holdings under their headers, where each ends, and what else the file holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from screener.holdings.days import days_of
from screener.holdings.grid import Grid
from screener.holdings.kinds import plain
from screener.holdings.layouts import OTHER, POSITIONS, TRADES, Header, header_of, vocabulary

BUY_OR_SELL = re.compile(
    r"(you )?(buy|sell|bought|sold|purchase|sale|short sale|kauf|verkauf|achat|vente|koop|verkoop|compra|venta|vendita|"
    r"acquisto|dividend|cash dividend|deposit|withdrawal|reinvest\w*|market (buy|sell)|limit (buy|sell)|sto|bto|stc)\b.*",
    re.IGNORECASE,
)  # fmt: skip

BOUGHT, SOLD = "bought", "sold"


@dataclass(frozen=True)
class Table:
    """Rows of a grid under one header, as places in `grid.rows`, and the account that a title names for each."""

    grid: Grid
    header: Header
    header_at: int
    rows: list[int]
    accounts: list[str]

    def header_text(self, field_name: str) -> str:
        """What the file calls a column; the field's own name where it has none."""
        at = self.header.columns.get(field_name)
        head = self.grid.rows[self.header_at]
        return head[at] if at is not None and at < len(head) and head[at] else field_name.replace("_", " ")

    def cells(self, place: int) -> list[str]:
        """The cells of a column, a row each; empty where a row ends before it."""
        rows = (self.grid.rows[at] for at in self.rows)
        return [row[place] if place < len(row) else "" for row in rows]

    def formulas(self) -> int:
        """Cells under the header that hold formulas."""
        lines = {self.grid.line[at] for at in self.rows}
        return sum(line in lines and column in self.header.columns.values() for line, column in self.grid.formulas)


@dataclass
class Found:
    """What a grid holds: tables of holdings, other tables with the line of their header, and lines outside all tables."""

    tables: list[Table] = field(default_factory=list)
    others: list[tuple[int, str, str, str]] = field(default_factory=list)  # line, title, what it holds, what to take
    outside: list[int] = field(default_factory=list)

    @property
    def header_names(self) -> list[str]:
        return [name for table in self.tables for name in table.grid.rows[table.header_at] if name]


def tables_of(grid: Grid) -> Found:
    """Every table of a grid; a header ends the table above it."""
    return _statement(grid) or _plain_tables(grid)


def _plain_tables(grid: Grid) -> Found:
    found = Found()
    account = ""
    table: Table | None = None
    other: Header | None = None
    inside = False
    for at, row in enumerate(grid.rows):
        header = header_of(row)
        if header is not None:
            inside, other, table = True, None, None
            if header.layout.holds == POSITIONS:
                table = Table(grid, header, at, [], [])
                found.tables.append(table)
            else:
                other = header
                layout = header.layout
                found.others.append((grid.line[at], layout.title, layout.holds, layout.takes))
            continue
        if inside and _unknown_header(row, grid.rows[at - 1]):
            table, other = None, None
            names = ", ".join(cell for cell in row if cell)[:60]
            found.others.append((grid.line[at], f"a table of {names}", OTHER, ""))
            continue
        filled = [cell for cell in row if cell]
        if len(filled) == 1 and len(filled[0]) < 120:
            account = account_of(filled[0]) or account
        if table is not None:
            table.rows.append(at)
            table.accounts.append(account)
        elif other is not None:
            # A summary by account above the positions names the account.
            if plain(grid.rows[at - 1][0] if grid.rows[at - 1] else "") == "account" and filled:
                account = filled[0]
        elif not inside:
            found.outside.append(at)
    for table in found.tables:
        # A title below the holdings is no holding: its day counts as those above do.
        found.outside += [at for at in table.rows if sum(map(bool, grid.rows[at])) == 1]
    return _histories(found)


def _unknown_header(row: list[str], above: list[str]) -> bool:
    """Whether a row is the header of a table that is none of the registry's: names of columns, and no number."""
    names = [cell for cell in row if cell]
    if len(names) < 3 or any(any(c.isdigit() for c in name) or len(name) > 40 for name in names):
        return False
    known = sum(plain(name) in vocabulary() for name in names)
    return known * 2 >= len(names) or (known > 0 and not any(above))


def _histories(found: Found) -> Found:
    """Move tables whose lines buy and sell to the others."""
    kept = []
    for table in found.tables:
        layout = table.header.layout
        # Platforms for CFDs say Buy of a long position in a column Side: that is no trade.
        places = [table.header.columns[name] for name in ("action", "kind") if name in table.header.columns]
        words = [word for place in places for word in table.cells(place) if word]
        trades = [word for word in words if BUY_OR_SELL.fullmatch(word.strip())]
        lots = layout.name == "yahoo" and not any(word.strip().lower() in ("sell", "sold") for word in words)
        if (trades and len(trades) * 2 >= len(words) and not lots) or _bought_and_sold(table):
            title = "lots with sales" if layout.name == "yahoo" else "a history of trades"
            found.others.append((table.grid.line[table.header_at], title, TRADES, layout.takes))
        else:
            kept.append(table)
    found.tables = kept
    return found


def _bought_and_sold(table: Table) -> bool:
    """Whether lines of one symbol buy and sell on days of their own: by a side of Buy and Sell, or by the quantity's sign.

    A long and a short position beside each other are held: their lines say long and short, or the day of opening.
    """
    columns = table.header.columns
    of_a_trade = plain(table.header_text("lot")) == "tradedate" if "lot" in columns else "day" in columns
    if table.header.layout.name == "yahoo" or not of_a_trade or not {"ticker", "quantity"} <= set(columns):
        return False
    sides = [_direction(text) for text in table.cells(columns["side"])] if "side" in columns else []
    signs = [SOLD if text.strip().startswith(("-", "(")) else BOUGHT for text in table.cells(columns["quantity"])]
    by_symbol: dict[str, set[str]] = {}
    for symbol, direction in zip(table.cells(columns["ticker"]), sides or signs, strict=True):
        if symbol and direction:
            by_symbol.setdefault(symbol, set()).add(direction)
    return any(len(directions) > 1 for directions in by_symbol.values())


def _direction(side: str) -> str:
    """Bought or sold, where a side says Buy or Sell and not long or short."""
    word = side.strip().casefold()
    return BOUGHT if word in ("buy", "bought", "b") else SOLD if word in ("sell", "sold", "s") else ""


def _statement(grid: Grid) -> Found | None:  # noqa: PLR0912, PLR0915
    """Open positions and cash of a statement whose rows begin with the name of a section and Header, Data or Total.

    The layout of Interactive Brokers' activity statement. Ending cash is taken by currency.
    """
    sections = {(row[0], row[1]) for row in grid.rows if len(row) > 1}
    if not any(kind == "Header" for _, kind in sections) or not any(kind == "Data" for _, kind in sections):
        return None
    found = Found()
    account = ""
    header: Header | None = None
    now: Header | None = None  # of the rows that follow; a second header may name fewer columns
    cash_at: dict[str, int] = {}
    rows: list[list[str]] = []
    lines: list[int] = []
    cash: list[tuple[int, str, str]] = []
    for at, row in enumerate(grid.rows):
        section, kind = [*row, "", ""][:2]
        if section == "Account Information" and kind == "Data" and len(row) > 3 and row[2] == "Account":
            account = row[3]
        if section == "Statement":
            found.outside.append(at)
        if section == "Open Positions" and kind == "Header":
            # Names stand from the third cell: the first two are of the statement.
            named = header_of(["", "", *row[2:]])
            now = named or now
            header = header or now
            if header is not None and not rows:
                rows.append(["", "", *row[2:]])
                lines.append(grid.line[at])
        elif section == "Open Positions" and kind in ("Data", "Total") and header is not None and now is not None:
            made = ["", "", *row[2:], *[""] * (len(rows[0]) - len(row))]
            if now.columns != header.columns:
                made = [""] * len(rows[0])
                for name, place in header.columns.items():
                    made[place] = row[now.columns[name]] if name in now.columns and now.columns[name] < len(row) else ""
            if kind == "Total":
                made[header.columns["ticker"]] = "Total"
            rows.append(made)
            lines.append(grid.line[at])
        elif section == "Cash Report" and kind == "Header":
            cash_at = {text: i for i, text in enumerate(row)}
        elif (
            section == "Cash Report" and kind == "Data" and row[2:3] == ["Ending Cash"]
            and {"Currency", "Total"} <= cash_at.keys()
        ):  # fmt: skip
            cells = [*row, *[""] * (1 + max(cash_at.values()) - len(row))]
            cash.append((grid.line[at], cells[cash_at["Currency"]], cells[cash_at["Total"]]))
        elif section == "Trades" and kind == "Header":
            found.others.append((grid.line[at], "trades", TRADES, "a statement with Open Positions"))
    if header is None:
        return found if found.others else None
    width = len(rows[0])
    # Of a table without quantities its value is the amount.
    figure = header.columns.get("quantity", header.columns.get("value", -1))
    for line, currency, amount in cash if figure >= 0 and "ticker" in header.columns else ():
        if len(currency) != 3:  # the summary in the base currency holds the others
            continue
        made = [""] * width
        made[header.columns["ticker"]], made[figure] = "CASH", amount
        if "currency" in header.columns:
            made[header.columns["currency"]] = currency
        rows.append(made)
        lines.append(line)
    flat = Grid(grid.file, grid.sheet, rows, lines, delimiter=grid.delimiter)
    found.tables.append(Table(flat, header, 0, list(range(1, len(rows))), [account] * (len(rows) - 1)))
    return found


def account_of(title: str) -> str:
    """The account that a line above a table names: `Positions for account Individual ...123 as of ...`."""
    found = re.search(r"\baccounts?(?:\(s\))?(?:\s*:\s*|\s+)(.+?)(?:\s+as of\b.*)?$", title, re.IGNORECASE)
    if found and not re.match(
        r"(summary|total|value|activity|information|holdings|positions)\b", found[1], re.IGNORECASE
    ):
        return found.group(1).strip()
    numbered = re.search(r"\d{3}$", title) and len(title) < 60 and not days_of(title)
    return title.strip() if numbered else ""
