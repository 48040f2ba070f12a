"""Units, values and costs of rows in the main currency, by kind, held against the file's own.

An option is valued at its price times 100 shares, a bond at its price in per cent of face value, a future at nothing (its
notional is an exposure), a CFD at its profit; pence are hundredths of pounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from screener.holdings import currencies, hundredths
from screener.holdings.contracts import SIZE
from screener.holdings.kinds import BOND, CASH, CFD, FUTURE, OPTION
from screener.holdings.reconciliation import COST_WITHIN, agrees, apart, cause, rounding

if TYPE_CHECKING:
    from screener.holdings.choices import Choices
    from screener.holdings.faults import Faults
    from screener.holdings.numbers import Numbers
    from screener.holdings.tables import Table

PER_CENT = 0.01
MOST_PER_CENT = 300.0  # of par
# A convertible note deep in the money stands at several times par, none at twenty times.
NO_BOND = 2000.0
# Coins of a contract, by root, where the file has no column of multipliers (CME's contract specifications).
FUTURES = {"BTC": 5.0, "MBT": 0.1, "BFF": 0.02, "ETH": 50.0, "MET": 0.1}
# Between two of the large currencies no rate is outside.
LEAST_RATE, MOST_RATE = 0.3, 3.0
# Rates of one currency within a file, of trades and prices of different days, differ by less.
RATES_APART = 1.5
LARGE = frozenset({"USD", "EUR", "GBP", "CHF", "CAD", "AUD"})


@dataclass
class Figures:
    """Figures of the rows, in the main currency: see `screener.holdings.Holdings.frame`.

    shown : the file's value in its own unit, for totals; checked : rows whose value was held against quantity and price.
    """

    quantity: pd.Series
    price: pd.Series
    unit: pd.Series
    value: pd.Series
    cost: pd.Series
    notional: pd.Series
    shown: pd.Series
    checked: int = 0
    notes: list[str] = field(default_factory=list)


def figures_of(
    raw: pd.DataFrame, numbers: dict[str, Numbers], kind: pd.Series, currency: pd.Series, table: Table, faults: Faults,
    choices: Choices,
) -> Figures:  # fmt: skip
    """Values, costs and units of rows; a contradiction refuses the file unless `choices` accept it."""
    return _Work(raw, numbers, kind, currency, table, faults, choices).figures()


class _Work:
    def __init__(
        self, raw: pd.DataFrame, numbers: dict[str, Numbers], kind: pd.Series, currency: pd.Series, table: Table,
        faults: Faults, choices: Choices,
    ) -> None:  # fmt: skip
        self.raw, self.kind, self.currency, self.table = raw, kind, currency, table
        self.faults, self.choices = faults, choices
        self.quantity, self.price, self.value, self.cost, self.unit_cost, self.profit, self.multiplier = (
            numbers[name].value for name in ("quantity", "price", "value", "cost", "unit_cost", "profit", "multiplier")
        )
        self.steps = pd.DataFrame({name: numbers[name].step for name in ("quantity", "price", "value")})
        # Notes that are listed under a ticker of letters, at 25 USD a piece, are quoted in money; others in per cent of par.
        self.listed = (kind == BOND) & raw["ticker"].str.fullmatch("[A-Z]{1,6}").astype(bool)
        # A face value is in the currency itself: what brokers of pence call the price of a bond in pence is per cent of it.
        self.part = currency.map(currencies.part).astype(float)
        self.part = self.part.where((kind != BOND) | self.listed, 1.0)
        self.good = ~raw["line"].isin(faults.lines)
        self.notes: list[str] = []
        self.file = table.grid.file

    def figures(self) -> Figures:
        cash = self.kind == CASH
        amount = self.quantity.where(self.quantity.notna() | ~cash, self.value)
        amount = self._signed(amount)
        own = self._own_currency()
        base, value_part, checked = self._units(amount, own)
        self._hundredths(value_part)
        unit = base * self.part
        price = (self.price * unit).where(~cash)
        value = (self.value.abs() * value_part * np.sign(amount).where(amount != 0, 1.0)).where(own)
        value = value.where(~cash, self.value.where(own))
        future, cfd = self.kind == FUTURE, self.kind == CFD
        notional = (amount * price).where(future | cfd)
        value = value.where(~future, 0.0)
        value = value.where(~cfd, self.profit * self.part)
        unknown = cfd & value.isna() & self.good
        if unknown.any():
            names = ", ".join(self.raw.loc[unknown, "ticker"])
            self.notes.append(f"{self.file}: {names}: the file does not say the profit of a CFD, its value is unknown")
        cost = self._costs(amount, base, value_part).where(~cash & ~future & ~cfd)
        shown = self.value.where(self.value.notna(), amount * self.price * base)
        shown = shown.where(~cash | self.value.notna(), amount)
        return Figures(amount, price, unit, value, cost, notional, shown, checked, self.notes)

    def _signed(self, amount: pd.Series) -> pd.Series:
        side = self.raw["side"].str.strip()
        short = side.str.fullmatch(r"(?i).*\bshort\b.*|s|sell|sold").astype(bool)
        long = side.str.fullmatch(r"(?i).*\blong\b.*").astype(bool) & ~short
        self._contradiction(long & (amount < 0), lambda at: (
            "quantity", self.raw["quantity"].iloc[at],
            f"a long position with a quantity of {amount.iloc[at]:,.10g}"))  # fmt: skip
        return amount.where(~(short & (amount > 0)), -amount)

    def _own_currency(self) -> pd.Series:
        """Whether the file's value is in the currency of its price; where not, rates must be one rate."""
        code = currencies.main(self.table.header.value_currency)
        if not code:
            return pd.Series(True, index=self.raw.index)
        main = self.currency.map(currencies.main)
        own = main == code
        rate = (
            (self.value / (self.quantity * self.price * self.part)).abs().where(~own & (self.kind != CASH) & self.good)
        )
        usual = rate.groupby(main).transform("median")
        counted = rate.groupby(main).transform("count")
        large = main.isin(LARGE) & (code in LARGE)
        off = (counted > 1) & apart(rate / usual, RATES_APART)
        off |= large & ((rate > MOST_RATE) | (rate < LEAST_RATE))
        self._contradiction(off, lambda at: (
            "value", self.raw["value"].iloc[at],
            f"quantity x price is {self.quantity.iloc[at] * self.price.iloc[at]:,.2f} {self.currency.iloc[at]}, "
            f"the file's value {self.value.iloc[at]:,.2f} {code}, a rate of {rate.iloc[at]:.4g}"))  # fmt: skip
        return own

    def _units(self, amount: pd.Series, own: pd.Series) -> tuple[pd.Series, pd.Series, int]:
        """The unit of each row before parts of a currency, the part in which its value is, and how many values agree."""
        size = self.multiplier.where(self.multiplier > 0)
        base = size.fillna(1.0)
        option, bond, future = self.kind == OPTION, self.kind == BOND, self.kind == FUTURE
        base = base.where(~option | size.notna(), SIZE)
        base = base.where(~bond, PER_CENT).where(~self.listed, 1.0)
        base = base.where(~future | size.notna(), self._future_sizes())
        value_part = self.part.copy()
        known = self.quantity.notna() & self.price.notna() & self.value.notna() & own & self.good
        cash = self.kind == CASH
        money = cash & self.quantity.notna() & self.value.notna() & self.good & own
        self._contradiction(money & ~agrees(self.quantity, self.value, 0.01), lambda at: (
            "value", self.raw["value"].iloc[at],
            f"cash of {self.quantity.iloc[at]:,.2f}, the file's value {self.value.iloc[at]:,.2f}"))  # fmt: skip
        self._contradiction(money & (self.quantity * self.value < 0), lambda at: (
            "value", self.raw["value"].iloc[at],
            f"cash of {self.quantity.iloc[at]:,.2f}, the file's value {self.value.iloc[at]:,.2f}"))  # fmt: skip
        known &= ~cash
        quoted = bond & ~self.listed & ~self._agrees(base / PER_CENT, known)
        self._contradiction(quoted & (self.price > NO_BOND), lambda at: (
            "price", self.raw["price"].iloc[at],
            f"a bond at {self.price.iloc[at]:,.0f}% of par: quantity and price may be exchanged"))  # fmt: skip
        if not known.any():
            return base, value_part, int(money.sum())
        right = self._agrees(base, known)
        # A bond at 985 for a note of 1,000 is quoted in money: no bond stands at nine times par.
        money_of = known & bond & ~right & (self.price > MOST_PER_CENT)
        in_money = money_of & self._agrees(base / PER_CENT, known)
        base, right = base.where(~in_money, base / PER_CENT), right | in_money
        if in_money.any():
            names = ", ".join(self.raw.loc[in_money, "ticker"])
            self.notes.append(f"{self.file}: {names}: the price is in money, not in per cent of par, as the value says")
        # Price in pence, value in pounds.
        parts = self.part < 1
        in_main = known & parts & ~right & self._agrees(base * self.part, known)
        value_part = value_part.where(~in_main, 1.0)
        right |= in_main
        if in_main.any():
            names = ", ".join(self.raw.loc[in_main, "ticker"])
            codes = ", ".join(dict.fromkeys(self.currency[in_main]))
            self.notes.append(
                f"{self.file}: {names}: prices are in {codes}, values in the currency itself, as quantity x price says"
            )
        right |= future & known & (agrees(self.value, self.profit) | (self.value == 0))
        right |= (self.kind == CFD) & known & agrees(self.value, self.profit, 0.01)
        self._contradiction(known & ~right, lambda at: self._disagreement(at, base))
        opposite = known & (self.quantity > 0) & (self.value < 0) & (amount > 0) & ~self.kind.isin((FUTURE, CFD))
        self._contradiction(opposite & right, lambda at: (
            "value", self.raw["value"].iloc[at],
            f"a quantity of {self.quantity.iloc[at]:,.10g} with a value of {self.value.iloc[at]:,.2f}: a short position "
            "has a negative quantity, or Short in a column Side"))  # fmt: skip
        return base, value_part, int((known & right).sum() + money.sum())

    def _hundredths(self, value_part: pd.Series) -> None:
        """Note the rows in pence that nothing but the currency's own cell says are in pence, and bonds."""
        if not hundredths.in_hundredths(self.currency).any():
            return
        for words, rows in (
            ("are read in {code}, hundredths of {main}: neither the ticker nor an ISIN confirms it",
             hundredths.unconfirmed(self.raw, self.kind, self.currency, value_part)),
            ("are read in {main}, not in {code}: a face value is in {main}, a price in per cent of it",
             hundredths.in_hundredths(self.currency) & (self.part == 1)),
        ):  # fmt: skip
            for at in np.flatnonzero((rows & self.good).to_numpy(dtype=bool)):
                line, ticker, code = int(self.raw["line"].iloc[at]), self.raw["ticker"].iloc[at], self.currency.iloc[at]
                said = words.format(code=code, main=currencies.main(code))
                self.notes.append(f"{self.file}:{line}: {ticker}: price and value {said}")

    def _future_sizes(self) -> pd.Series:
        """Contract sizes by root, else what value over quantity and price is."""
        root = (
            self.raw["ticker"]
            .str.upper()
            .str.extract(r"^/?([A-Z]{2,3}?)(?:[FGHJKMNQUVXZ]\d{1,2})?(?:=F)?$", expand=False)
        )
        known = root.map(FUTURES)
        with np.errstate(all="ignore"):
            implied = (self.value / (self.quantity * self.price)).abs().replace([np.inf, 0], np.nan)
        return known.where(known.notna(), implied)

    def _agrees(self, unit: pd.Series, known: pd.Series) -> pd.Series:
        slack = rounding(self.quantity, self.price, unit, self.steps)
        return known & agrees(self.quantity * self.price * unit, self.value, slack)

    def _disagreement(self, at: int, base: pd.Series) -> tuple[str, str, str]:
        made = abs(float(self.quantity.iloc[at] * self.price.iloc[at] * base.iloc[at]))
        value = float(self.value.iloc[at])
        times = f" x {base.iloc[at]:g}" if base.iloc[at] != 1 else ""
        why = cause(abs(value) / made) if made > 0 and value else ""
        return (
            "value",
            str(self.raw["value"].iloc[at]),
            f"quantity x price{times} is {made:,.2f}, the file's value {value:,.2f}" + (f" ({why})" if why else ""),
        )

    def _costs(self, amount: pd.Series, base: pd.Series, value_part: pd.Series) -> pd.Series:
        """Cost of the whole line in the main currency, signed as the quantity."""
        each = self.unit_cost * amount.abs() * base
        total = self.cost.abs()
        both = (
            total.notna() & each.notna() & (each != 0) & (total != 0) & self.good & ~self.kind.isin((CASH, FUTURE, CFD))
        )
        in_parts = both & (self.part < 1)
        # Unit costs are quoted as prices are; totals in pence or in pounds, as the unit cost says, else as the value.
        total_part = value_part.where(~in_parts, np.where(agrees(total, each), self.part, 1.0))
        money, made = total * total_part, each * self.part
        # A price, a value or a cost that is a hundred times its like makes pence of pounds.
        valued = in_parts & self.value.notna() & (self.value != 0) & (self.price > 0)
        other = valued & (agrees(total, each) | agrees(total, made)) & (total_part != value_part)
        self._contradiction(other, lambda at: (
            "cost", self.raw["cost"].iloc[at],
            f"the value of {self.value.iloc[at]:,.2f} is in {self._money(at, value_part)}, "
            f"the cost of {total.iloc[at]:,.2f} in {self._money(at, total_part)}, by price and unit cost"))  # fmt: skip
        ratio = money / made
        off = both & apart(ratio, COST_WITHIN)
        self._contradiction(off, lambda at: (
            "cost", self.raw["cost"].iloc[at],
            f"quantity x unit cost is {made.iloc[at]:,.2f}, the file's cost {money.iloc[at]:,.2f}"
            + (f" ({cause(float(ratio.iloc[at]))})" if cause(float(ratio.iloc[at])) else "")))  # fmt: skip
        if (total.notna() & (self.part < 1) & ~in_parts & self.value.isna() & self.good).any():
            self.notes.append(
                f"{self.file}: costs are taken to be in the unit of the prices, hundredths of the currency"
            )
        return money.where(total.notna(), made) * np.sign(amount)

    def _money(self, at: int, part: pd.Series) -> str:
        """The code in which a figure is, by its part of the main currency."""
        code = str(self.currency.iloc[at])
        return currencies.main(code) if part.iloc[at] == 1 else code

    def _contradiction(self, mask: pd.Series, say: Callable[[int], tuple[str, str, str]]) -> None:
        """Refuse the rows of `mask`, or note those that `choices` accept: column, its text and the words by row."""
        for at in np.flatnonzero((mask & self.good).to_numpy(dtype=bool)):
            column, shown, words = say(int(at))
            line, ticker = int(self.raw["line"].iloc[at]), str(self.raw["ticker"].iloc[at])
            if self.choices.accepts(self.file, line, ticker):
                self.notes.append(f"Accepted: {self.file}:{line}: {ticker}: {words}; quantity and price stand")
            else:
                self.faults.refuse_row(
                    int(at), column, shown, f"{ticker or 'line'}: {words}; --accept {line} takes the quantity"
                )
