"""Files changed at random, and whether any figure that is then reported is wrong by a factor of ten.

python -m tests.screener.holdings.mutations --cases 20000
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import HoldingsError
from screener.holdings import Choices, Holdings, read
from screener.portfolio.agreement import check_prices
from tests.screener.holdings.made import CLOSES, LAYOUTS, Made, make

OCTOBER = pd.Timestamp("2026-10-05")
RATES = pd.Series({"USD": 1.0, "GBP": 1.3, "CAD": 0.72})
QUOTES = pd.DataFrame({"company": list(CLOSES), "price_usd": list(CLOSES.values())}, index=list(CLOSES))
DATA = SimpleNamespace(
    closes=pd.DataFrame({"date": OCTOBER, "ticker": list(CLOSES), "close_usd": list(CLOSES.values())}),
    splits=pd.DataFrame({"ticker": [], "first_day_on_new_basis": pd.to_datetime([]), "shares_multiplier": []}),
)
# Layouts whose files have what is needed to find a wrong figure: quantity, price and value.
CHECKED = [name for name, layout in LAYOUTS.items() if {"quantity", "price", "value"} <= set(layout.columns)]
FACTOR = 10.0
Change = Callable[[str, Made, random.Random], str]


def _cell(text: str, made: Made, chance: random.Random, change: Callable[[str], str]) -> str:
    """The text with one cell of one row of holdings changed."""
    rows = [list(row) for row in made.rows]
    at = chance.choice(list(made.lines))
    filled = [place for place, cell in enumerate(rows[at]) if cell]
    place = chance.choice(filled)
    rows[at][place] = change(rows[at][place])
    changed = Made(made.layout, rows, made.where, made.positions, made.decimal, made.delimiter, title=made.title)
    return changed.text()


def _digits(chance: random.Random) -> Callable[[str], str]:
    def change(cell: str) -> str:
        at = chance.randrange(len(cell) + 1)
        how = chance.randrange(5)
        if how == 0:
            return cell[:at] + chance.choice("0123456789") + cell[at:]
        if how == 1:
            return cell[:at] + cell[at + 1 :]
        if how == 2:
            return cell.replace(".", ",") if "." in cell else cell.replace(",", ".")
        if how == 3:
            return cell.replace(".", "").replace(",", "")
        return cell + chance.choice(["%", "-", "e2", " m", "k", "p", "000", "\u00a0"])

    return change


def _odd(chance: random.Random) -> Callable[[str], str]:
    odd = ["", "n/a", "#REF!", "=1+1", "Total", "GBp", "EUR", "JPY", "CASH", "BTC", "1e99", "\u0661\u0662", "Call", "Future",
           "Bond", "Sell", "2026-10-05", "-", "()", "x" * 600, "Short", "0", "'", "US7672921050"]  # fmt: skip
    return lambda _: chance.choice(odd)


def _lines(text: str, made: Made, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    how = chance.randrange(6)
    if how == 0:
        del lines[at]
    elif how == 1:
        lines.insert(at, lines[chance.randrange(len(lines))])
    elif how == 2:
        lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
    elif how == 3:
        lines[at] = made.delimiter + lines[at]
    elif how == 4:
        lines[at] = lines[at].replace(made.delimiter, "", 1)
    else:
        chance.shuffle(lines)
    return "\n".join(lines)


def _header(text: str, made: Made, chance: random.Random) -> str:
    rows = [list(row) for row in made.rows]
    a, b = chance.randrange(len(rows[0])), chance.randrange(len(rows[0]))
    if chance.random() < 0.5:
        rows[0][a], rows[0][b] = rows[0][b], rows[0][a]
    else:
        rows[0][a] = chance.choice(
            ["", "Price", "Quantity", "Value", "Symbol", "Other", "Currency", "Cost", "Type", "Multiplier"]
        )
    return Made(made.layout, rows, made.where, made.positions, made.decimal, made.delimiter, title=made.title).text()


def _delimiter(text: str, made: Made, chance: random.Random) -> str:
    return text.replace(made.delimiter, chance.choice(",;\t|"))


def _noise(text: str, made: Made, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return (
        text[:at]
        + chance.choice(['"', "\n", "\r", "\x00", "\u2028", ";", ",", "\t", "\ufeff", " ", "-", "("])
        + text[at:]
    )


CHANGES: dict[str, Change] = {
    "digits": lambda text, made, chance: _cell(text, made, chance, _digits(chance)),
    "odd cell": lambda text, made, chance: _cell(text, made, chance, _odd(chance)),
    "lines": _lines,
    "header": _header,
    "delimiter": _delimiter,
    "noise": _noise,
}


def mutated(seed: int) -> tuple[Made, str, str]:
    """A consistent file, the same with one change, and what the change is."""
    chance = random.Random(f"mutation {seed}")
    made = make(seed, chance.choice(CHECKED))
    how = chance.choice([*CHANGES, "digits", "odd cell"])
    return made, CHANGES[how](made.text(), made, chance), how


def outcome(seed: int, folder: Path) -> tuple[str, str]:
    """Refused, as it was, warned of (rows left out, or a note on the wrong figure), or what is wrong; and the change."""
    made, text, how = mutated(seed)
    path = folder / "mutated.csv"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        found = read([path], Choices(currency="USD", day=True))
        held = found.frame["currency"].isin(RATES.index)
        if not held.all():
            raise HoldingsError("no exchange rate")
        check_prices(found, QUOTES, pd.Series(dtype=float), RATES, DATA, OCTOBER, OCTOBER, [])
    except HoldingsError:
        return "refused", how
    off = {words: noted(found, row) for row, words in wrong(found, made)}
    silent = [words for words, told in off.items() if not told]
    return (silent[0] if silent else "noted" if off else "left out" if found.left_out else "read"), how


def noted(found: Holdings, row: Any) -> bool:
    """Whether a note is on this very row: by its line, or by its ticker, how the file was read not counted."""
    ticker = re.compile(rf"(?<![\w.]){re.escape(row.ticker)}(?!\w)")
    notes = set(found.notes) - set(map(str, found.readings))
    own = [note for note in notes if note.startswith(f"{row.file}:{row.line}:")]
    return bool(own) or any(ticker.search(note) and not note.startswith("Left out") for note in notes)


def wrong(found: Holdings, made: Made) -> Iterator[tuple[Any, str]]:
    """Rows with a figure that is ten times or a tenth of the truth, and which figure."""
    truth = {position.ticker: position for position in made.positions}
    for row in found.frame.itertuples(index=False):
        position = truth.get(row.ticker)
        if position is None or position.kind in ("cash", "future", "cfd") or row.kind != position.kind:
            continue
        rate, true_rate = RATES[row.currency], RATES[{"GBX": "GBP"}.get(position.currency, position.currency)]
        value = row.quantity * row.price * rate if np.isfinite(row.price) else row.value * rate
        for name, mine, true in (
            ("quantity", row.quantity, position.quantity),
            ("value", value, position.worth * true_rate),
        ):
            if np.isfinite(mine) and true and not (1 / FACTOR < abs(mine / true) < FACTOR):
                yield row, f"WRONG {name} of {row.ticker}: {mine:,.10g} for {true:,.10g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    started = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        for seed in range(given.first, given.first + given.cases):
            try:
                what, how = outcome(seed, Path(name))
            except Exception as error:  # what must not happen: a traceback
                what, how = f"TRACEBACK {type(error).__name__}: {error}", mutated(seed)[2]
            if what.startswith(("WRONG", "TRACEBACK")):
                print(seed, how, what, flush=True)
                what = what.split()[0]
            counts[what, how] += 1
    for (what, how), count in sorted(counts.items()):
        print(f"{what:10} {how:10} {count:6}")
    print(f"{given.cases} files, {time.process_time() - started:.0f} s of processor time")


if __name__ == "__main__":
    main()
