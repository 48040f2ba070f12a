"""Consistent exports in every registered layout, made from positions that are known, and the same with one contradiction.

Nothing of the reader is used but the names of columns in the registry's files: cells are written here, by hand.
"""

from __future__ import annotations

import csv
import io
import random
import tomllib
from dataclasses import dataclass, field, replace

from screener.holdings.layouts import BROKERS

CLOSES = {"RIOT": 19.32, "IREN": 40.48, "CLSK": 12.48, "WULF": 14.79, "CIFR": 15.48, "MARA": 11.17, "HUT": 89.27}
ISINS = {
    "RIOT": "US7672921050", "IREN": "AU0000185993", "CLSK": "US18452B2097", "WULF": "US88080T1043", "CIFR": "US17253J1060",
    "MARA": "US5657881067", "HUT": "US44812J1043",
}  # fmt: skip
WORDS = {
    "equity": ("Stock", "Equity", "STK", "Stocks", "Aktie", "Common Stock"),
    "fund": ("ETF", "Mutual Fund", "ETFs & Closed End Funds", "Fonds"),
    "coin": ("Crypto", "Cryptocurrency", "CRYPTO"),
    "cash": ("Cash", "Cash and Money Market"),
    "option": ("Option", "OPT", "Equity and Index Options"),
    "future": ("Future", "FUT", "Futures"),
    "bond": ("Bond", "Fixed Income", "BOND", "Corporate Bond"),
    "cfd": ("CFD", "CFDs"),
}  # fmt: skip
# Two quotes on one OCC contract, in the spellings of the brokers.
CONTRACTS = {
    "IREN270115C00060000": ("IREN", "call", 60.0, ("IREN  270115C00060000", "IREN270115C00060000", "-IREN270115C60",
        "IREN 01/15/2027 60.00 C", "IREN 15JAN27 60 C", "IREN 1/15/2027 Call $60.00", "IREN Jan 15 '27 $60 Call",
        "IREN15Jan27C60.00")),
    "RIOT261218P00017500": ("RIOT", "put", 17.5, ("RIOT  261218P00017500", "RIOT261218P00017500", ".RIOT261218P17.5",
        "RIOT 12/18/2026 17.50 P", "RIOT 18DEC26 17.5 P", "RIOT 12/18/2026 Put $17.50", "RIOT Dec 18 '26 $17.50 Put")),
}  # fmt: skip
BOND = "565788AL8"


@dataclass(frozen=True)
class Position:
    """What is held, in the terms of `Holdings.frame`; `quote` is the price as the file shows it."""

    ticker: str
    kind: str
    quantity: float
    quote: float
    unit: float = 1.0
    unit_cost: float | None = None
    currency: str = "USD"
    name: str = ""
    profit: float | None = None

    @property
    def worth(self) -> float:
        """Quantity times price times unit."""
        return self.quantity * self.quote * self.unit

    @property
    def value(self) -> float:
        return 0.0 if self.kind == "future" else self.profit or 0.0 if self.kind == "cfd" else self.worth


@dataclass
class Layout:
    """A layout of the registry as its file has it."""

    name: str
    columns: dict[str, list[str]]
    needs: list[list[str]]
    currency: str
    decimal: str
    dates: str
    title: str


@dataclass
class Made:
    """A file: rows of cells with the header first, where each position stands, and the habits of writing."""

    layout: Layout
    rows: list[list[str]]
    where: dict[str, int]  # field by column
    positions: list[Position]
    decimal: str
    delimiter: str
    total_at: int | None = None
    title: str = ""
    lines: dict[int, int] = field(default_factory=dict)  # position by row

    def text(self) -> str:
        out = io.StringIO()
        if self.title:
            out.write(self.title + "\n")
        csv.writer(out, delimiter=self.delimiter, lineterminator="\n").writerows(self.rows)
        return out.getvalue()

    def line(self, row: int) -> int:
        """The number of a row's line in the file."""
        return row + 1 + bool(self.title)


def layouts() -> dict[str, Layout]:
    """Layouts of positions by name, straight from the registry's files."""
    out = {}
    for path in sorted(BROKERS.glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["layout"]:
            if entry.get("holds", "positions") == "positions" and entry["name"] != "ibkr-statement":
                needs = [[name.strip() for name in names.split("|")] for names in entry["needs"]]
                out[entry["name"]] = Layout(
                    entry["name"], entry["columns"], needs, entry.get("currency", ""), entry.get("decimal", ""),
                    entry.get("dates", ""), entry["title"],
                )  # fmt: skip
    return out


LAYOUTS = layouts()


def number(value: float, decimals: int, decimal: str, grouping: str) -> str:
    """A number as a locale writes it."""
    text = f"{value:,.{decimals}f}"
    whole, _, part = text.partition(".")
    return whole.replace(",", grouping) + (decimal + part if part else "")


def positions(chance: random.Random, layout: Layout) -> list[Position]:
    """What the layout can say: kinds that are told by symbol everywhere, others where there is a column of kinds."""
    kinds = "kind" in layout.columns and layout.name not in ("robinhood", "ghostfolio")
    by_isin = "ticker" not in layout.columns
    money = "currency" in layout.columns
    out = []
    for ticker in chance.sample(sorted(CLOSES), chance.randint(1, 5)):
        quantity = chance.choice([10, 25, 100, 1_250, 40_000, 12.5, 0.75]) * (
            1 if by_isin or chance.random() < 0.8 else -1
        )
        price = round(CLOSES[ticker] * chance.uniform(0.9, 1.1), 2)
        cost = round(price * chance.uniform(0.5, 1.6), 2) if chance.random() < 0.8 else None
        out.append(Position(ticker, "equity", quantity, price, unit_cost=cost, name=f"{ticker} HOLDINGS INC"))
    if by_isin:
        return out
    if "value" in layout.columns and "price" in layout.columns:
        if chance.random() < 0.6:
            symbol = chance.choice(sorted(CONTRACTS))
            out.append(
                Position(symbol, "option", chance.choice([-5, 2, 10]), round(chance.uniform(0.35, 9), 2), 100.0, 1.5)
            )
        if chance.random() < 0.5:
            face, quote = chance.choice([5000, 20000]), round(chance.uniform(70, 120), 3)
            out.append(
                Position(BOND, "bond", face, quote, 0.01, 95.0, name="MARA HOLDINGS INC 0% 03/01/2030 CONV NOTE")
            )
    if chance.random() < 0.5:
        out.append(Position("VTI", "fund", 12, 301.25, unit_cost=250.0, name="VANGUARD TOTAL STOCK MARKET ETF"))
    if money and chance.random() < 0.5 and layout.name not in ("questrade",):
        out.append(Position("VOD.L", "equity", 1000, 72.5, 0.01, 70.0, currency="GBX", name="VODAFONE GROUP PLC"))
    if money and chance.random() < 0.4:
        out.append(Position("SHOP.TO", "equity", 30, 150.25, 1.0, 100.0, currency="CAD", name="SHOPIFY INC"))
    if kinds and layout.name in ("generic", "ibkr-flex") and chance.random() < 0.5:
        out.append(Position("BTC-USD", "coin", 0.5, 85_000.0, unit_cost=60_000.0, name="BITCOIN"))
    if kinds and "multiplier" in layout.columns and chance.random() < 0.5:
        out.append(Position("MBTV6", "future", -5, 85_000.0, 0.1, name="MICRO BITCOIN"))
    if "profit" in layout.columns and kinds and chance.random() < 0.5:
        out.append(Position("TSLA", "cfd", 10, 400.0, name="TESLA", profit=-125.5))
    if layout.name not in (
        "robinhood",
        "yahoo",
        "ghostfolio",
        "revolut",
        "questrade",
        "trading212-pie",
        "portfolio-performance",
    ):
        out.append(Position("CASH", "cash", chance.choice([250.0, 12_345.67]), 1.0, name="CASH"))
    chance.shuffle(out)
    return out


def make(seed: int, name: str) -> Made:
    """A consistent file of a layout; the seed decides what is held and how it is written."""
    chance = random.Random(f"{name} {seed}")
    layout = LAYOUTS[name]
    decimal = layout.decimal or chance.choice([".", ","])
    grouping = chance.choice(["", ","] if decimal == "." else ["", ".", "\u00a0", "'"])
    delimiter = chance.choice([",", ";", "\t"]) if decimal == "." else chance.choice([";", "\t", ","])
    held = positions(chance, layout)
    wanted = [
        key for key in layout.columns if key not in ("lot", "day", "level", "action", "strike", "expiry", "right")
    ]
    if layout.name == "generic":
        optional = ["isin", "unit_cost", "cost", "account", "side", "description", "profit", "multiplier"]
        gone = set(chance.sample(optional, chance.randint(0, 4))) - {"multiplier", "profit"}
        wanted = [key for key in wanted if key not in gone]
    pairs = {key: names[0] for key, names in layout.columns.items() if names[0].endswith(">")}
    header: list[str] = []
    where: dict[str, int] = {}
    order = [key for key in wanted if key not in pairs]
    chance.shuffle(order)
    taken: set[str] = set()
    for key in order:
        options = [text for text in layout.columns[key] if not text.endswith(">") and text not in taken]
        if pairs:
            options = options[:1]
        if not options:
            continue
        # The header must have the names by which the layout is known.
        needed = [text for text in options if any(text in group for group in layout.needs)]
        where[key] = len(header)
        header.append((needed or options)[0] if needed or layout.name != "generic" else chance.choice(options))
        taken.add(header[-1])
        for other, spec in pairs.items():
            if spec.rstrip("> ") == header[-1]:
                where[other] = len(header)
                header.append("")
    for extra in ("Day Change", "% of Account"):
        if chance.random() < 0.5:
            header.append(extra)
    for group in layout.needs:
        if not any(text in header for text in group):
            header.append(group[0])
    made = Made(layout, [header], where, held, decimal, delimiter)
    for position in held:
        made.lines[len(made.rows)] = len(made.rows) - 1
        made.rows.append(_cells(position, made, grouping, chance, len(header)))
    same = len({position.currency for position in held}) == 1
    if "value" in where and "ticker" in where and same and chance.random() < 0.6:
        total = [""] * len(header)
        total[where["ticker"]] = chance.choice(["Total", "Account Total", "TOTAL", "Grand total"])
        shown = sum(round(_shown(position), 2) for position in held)
        total[where["value"]] = number(shown, 2, decimal, grouping)
        made.total_at = len(made.rows)
        made.rows.append(total)
    made.title = chance.choice(["", "Positions as of 2026-10-05", "Stand 05.10.2026", "Portfolio, 5 October 2026"])
    return made


def _shown(position: Position) -> float:
    """The value that a broker shows: of futures and CFDs the notional; of pence the price's unit."""
    return position.quantity * position.quote * (1.0 if position.currency == "GBX" else position.unit)


def _cells(position: Position, made: Made, grouping: str, chance: random.Random, width: int) -> list[str]:
    cells = [""] * width
    name, decimal = made.layout.name, made.decimal
    pence = position.currency == "GBX"

    def write(value: float, decimals: int) -> str:
        return number(value, decimals, decimal, grouping)

    symbol = position.ticker
    if position.kind == "option":
        symbol = chance.choice(CONTRACTS[symbol][3])
    quantity, side = position.quantity, ""
    if "side" in made.where:
        side = "Short" if quantity < 0 else "Long"
        if quantity < 0 and chance.random() < 0.5:
            quantity = -quantity
    steps = len(f"{abs(quantity):.10g}".partition(".")[2])
    each = position.unit_cost
    base = 1.0 if pence else position.unit
    unpriced = position.kind == "cash" and chance.random() < 0.5
    unsized = position.kind in ("bond", "cash") or pence
    texts = {
        "ticker": symbol,
        "isin": ISINS.get(position.ticker, ""),
        "description": position.name,
        "account": "U123",
        "kind": chance.choice(WORDS[position.kind]),
        "side": side,
        "quantity": write(quantity, steps),
        "price": "" if unpriced else write(position.quote, 3 if position.kind == "bond" else 2),
        "value": write(round(_shown(position) * (1 if quantity == position.quantity else -1), 2), 2),
        "cost": "" if each is None else write(each * abs(position.quantity) * base, 2),
        "unit_cost": "" if each is None else write(each, 2),
        "profit": "" if position.profit is None else write(position.profit, 2),
        "multiplier": "" if unsized else write(position.unit, 1 if position.unit < 1 else 0),
        "currency": {"GBX": chance.choice(["GBX", "GBp"])}.get(position.currency, position.currency),
    }  # fmt: skip
    if name == "ghostfolio":
        texts["kind"] = "ETF" if position.kind == "fund" else "STOCK"
    if name == "fidelity":
        texts["side"] = "Short" if position.quantity < 0 else chance.choice(["Cash", "Margin"])
    for key, at in made.where.items():
        cells[at] = texts[key]
    return cells


CONTRADICTIONS = ("value x 10", "value x 100", "value x 1000", "price / 10", "quantity x 10", "total", "surplus")


def contradict(made: Made, seed: int, how: str) -> tuple[Made, int] | None:  # noqa: PLR0911
    """The same file with one contradiction, and the line that has it; None where the file has nothing to contradict."""
    chance = random.Random(f"{seed} {how}")
    rows = [list(row) for row in made.rows]
    changed = replace(made, rows=rows)
    plain = [
        at for at, index in made.lines.items()
        if made.positions[index].kind not in ("future", "cfd", "cash") and made.positions[index].quantity
    ]  # fmt: skip
    if how == "total":
        if made.total_at is None or "value" not in made.where:
            return None
        total = sum(round(_shown(position), 2) for position in made.positions)
        if abs(total) < 1:
            return None
        rows[made.total_at][made.where["value"]] = number(total * 10, 2, made.decimal, "")
        return changed, made.line(made.total_at)
    if not plain:
        return None
    at = chance.choice(plain)
    position = made.positions[made.lines[at]]
    if how == "surplus":
        rows[at].append("1")
        return changed, made.line(at)
    if not {"value", "price", "quantity"} <= set(made.where):
        return None
    what, _, factor = how.partition(" ")
    times = 1 / 10 if factor.startswith("/") else float(factor.split()[-1])
    # A price or a value of a hundredth or a hundred times is what pence and par mean where they are said.
    if (position.currency == "GBX" or position.kind == "bond") and times in (100, 0.01):
        return None
    figure = {"value": abs(_shown(position)), "price": position.quote, "quantity": abs(position.quantity)}[what] * times
    sign = "-" if rows[at][made.where[what]].startswith("-") else ""
    rows[at][made.where[what]] = sign + number(figure, 4, made.decimal, "")
    return changed, made.line(at)
