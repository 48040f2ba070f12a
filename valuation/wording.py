"""The words of a sector in the place of the miners': texts are written for miners, and outputs say them as a universe does.

The places where a text leaves (a page, a file, a workbook's cell, a summary) ask here, so that a text which is added later
is worded too. For miners every text stays as it is, byte for byte. Texts of the data (names, headlines, quotations) stay as
they are for every sector.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from valuation.groups import BITCOIN, MINERS, PIVOT, Sector

# Sentences about what a sector has not are left out of notes; what has to stand is said without these words.
OF_MINING = r"min(?:er|ers|ing|ed)|hash(?:price|rate)s?|halvings?|difficulty|PH/s|EH/s|fleets?"
OF_COINS = r"bitcoins?|BTC|ether|coins?|crypto\w*"
# Parts of a sentence on coins or mining, and what is left of it without them; before single words.
WITHOUT = {
    "cash and bitcoin": "cash",
    "cash and coins": "cash",
    "less mining margin and contract NOI": "less contract NOI",
    "mining margin and contract NOI": "contract NOI",
    " plus mining at today's hashprice and hosting's run rate": " plus hosting's run rate",
    " plus mining margin less cash overhead": " less cash overhead",
    "over itself plus mining revenue x 4": "over itself plus other revenue of the group's comparison x 4",
    "A / (A + mining revenue x 4), A": "A over itself, A",
    " - cash - coins at spot": " - cash",
    " - cash - bitcoin at spot": " - cash",
    ", or mining unknown": "",
    "Power in use for mining": "Power in use",
    "power in use for mining": "power in use",
    " (in use for mining)": " (in use)",
    "overhead, mining or cash unknown": "overhead or cash unknown",
    "EV net of bitcoin": "EV",
    "; bitcoin n/a": "",
    "bitcoin's price and the cap rate": "the cap rate",
    "bitcoin price and cap rate": "cap rate",
    "switches and bitcoin price on": "switches on",
    "Net bitcoin and other coins at spot": "Net coins at spot",
    "revenue_mining on Data": "none is stated",
    "(bitcoin netted or not, ...)": "(restricted cash netted or not, ...)",
    "base terms of contracts, bitcoin, cash and mining, less claims": "base terms of contracts and cash, less claims",
    "beyond what peers and bitcoin explain": "beyond what peers explain",
    "bitcoin, hashprice, cap rates": "cap rates",
}
# Keys and columns that name a group.
GROUP_KEYS = ("{}", "n_{}", "{}_value", "stayed_{}", "{}_equal", "{}_value_weighted", "{}_volatility", "{}_beta_bitcoin",
              "{}_secured", "is_{}")  # fmt: skip
LONGEST_NAME = 90
# Single words where a text must stand, such as the title of a column that formulas read; longest first.
PLAIN = {
    "bitcoin at spot": "coins, none held",
    "hashprice": "income per unit",
    "hashrate": "capacity",
    "bitcoin": "coins",
    "mining": "other use",
    "miners": "companies",
    "miner": "company",
    "halvings": "resets",
    "halving": "reset",
    "hashrates": "capacities",
    "bitcoins": "coins",
    "btc": "coins",
}


@dataclass(frozen=True)
class Wording:
    """How a sector says what is written for miners.

    Attributes
    ----------
    sector : Sector
    data : set of str
        Texts of the universe's own rows, which stay as they are.
    """

    sector: Sector = MINERS
    data: frozenset[str] = field(default=frozenset(), repr=False)

    @cached_property
    def plain(self) -> bool:
        """Whether every text stays as it is."""
        return self.sector == MINERS

    def text(self, text: str) -> str:
        """A text in the sector's words."""
        if self.plain or not text or text in self.data:
            return text
        if text in self._exact:
            return self._exact[text]
        head = text.partition(": ")[0] + ":"
        if head in self._exact and not text.startswith("Bitcoin: $"):
            return f"{self._exact[head]} {self.text(text[len(head) + 1 :])}"
        text, names = self._shielded(text)
        out = self._phrases.sub(self._said, text)
        out = out if self._lacks is None or not self._lacks.search(out) else self._without(out)
        return _restored(out, names)

    def texts(self, lines: Iterable[str]) -> list[str]:
        """Lines of prose; sentences on what the sector has not are left out, and lines of such sentences alone."""
        return [said for line in lines if (said := self.prose(line))]

    def prose(self, text: str) -> str:
        """Sentences in the sector's words, without those on what it has not; empty where none is left."""
        if self.plain or self._lacks is None or text in self.data:
            return self.text(text)
        shielded, names = self._shielded(text)
        sentences = _sentences(shielded)
        kept = [one for one in sentences if not self.lacks(self._shortened(self._phrases.sub(self._said, one)))]
        return self.text(_restored("".join(kept).strip(), names))

    def lacks(self, text: str) -> bool:
        """Whether a text speaks of what the sector has not: mining, or coins."""
        return bool(self._lacks is not None and text not in self.data and self._lacks.search(text))

    def group(self, code: str) -> str:
        """The code or the short name of a group (`pivot`, `AI`) as the sector calls it."""
        return code if self.plain else self._groups.get(code, code)

    def key(self, name: str) -> str:
        """A key of JSON or a column of CSV: `n_pivot` as `n_gpu_cloud`."""
        return name if self.plain else self._keys.get(name, name)

    def code_of_key(self, key: str) -> str:
        """The program's own name of a key that `key` gave."""
        return next((name for name, said in self._keys.items() if said == key), key)

    def code_of_group(self, said: str) -> str:
        """The program's own name of a group."""
        return next((code for code in (PIVOT, BITCOIN) if self._groups[code] == said), said)

    def drops(self, name: str) -> bool:
        """Whether a key or column is of what the sector has not."""
        return self._lacks is not None and name not in self._keys and bool(self._key_of_lacking.search(name))

    def _without(self, text: str) -> str:
        text = self._shortened(text)
        return _WORD.sub(lambda found: _like(found[0], PLAIN[found[0].lower()]), text)

    def _shortened(self, text: str) -> str:
        for whole, rest in WITHOUT.items():
            text = text.replace(whole, rest)
        return text

    @cached_property
    def _lacks(self) -> re.Pattern[str] | None:
        words = [*([] if self.sector.mining else [OF_MINING]), *([] if self.sector.coins else [OF_COINS])]
        return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(words)})(?![A-Za-z])", re.IGNORECASE) if words else None

    @cached_property
    def _key_of_lacking(self) -> re.Pattern[str]:
        mining = r"min(?:er|ers|ing|ed)|hash\w*|halving\w*|fleet|network|j_per_th|power_usd_per_kwh"
        coins = r"btc|bitcoin|eth|coins?"
        words = [*([] if self.sector.mining else [mining]), *([] if self.sector.coins else [coins])]
        return re.compile(rf"(?:^|_)(?:{'|'.join(words)})(?:_|$)")

    @cached_property
    def _keys(self) -> dict[str, str]:
        first, second = (re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in self._words)
        keys = {}
        for shape in GROUP_KEYS:
            for name, word in ((PIVOT, first), (BITCOIN, second), ("ai", first), ("mining", second)):
                if not (shape == "{}" and name in ("ai", "mining")):
                    keys[shape.format(name)] = shape.format(word)
        return keys

    @cached_property
    def _groups(self) -> dict[str, str]:
        first, second = self._words
        return {PIVOT: first, BITCOIN: second, "AI": first, "mining": second}

    @property
    def _words(self) -> tuple[str, str]:
        return self.sector.first, self.sector.second

    @cached_property
    def _exact(self) -> dict[str, str]:
        """Whole texts: codes of the groups, and titles of columns that name a group by one word."""
        first, second = self._words
        whole = {
            "Pivot:": f"{_capital(first)}:",
            "Bitcoin:": f"{_capital(second)}:",
            "n AI + mining": f"n {first} + {second}",
        }
        for shape in ("n {}", "Volatility {}", "Beta {}", "weeks {}"):
            whole |= {shape.format("AI"): shape.format(first), shape.format("mining"): shape.format(second)}
            whole |= {shape.format("pivot"): shape.format(first), shape.format("bitcoin"): shape.format(second)}
        for shape in ("{}, equal weights", "{}, value weights"):
            whole |= {
                shape.format("AI"): shape.format(_capital(first)),
                shape.format("Mining"): shape.format(_capital(second)),
            }
        return whole

    @cached_property
    def _table(self) -> dict[str, str]:
        (first, second), one, several = self._words, self.sector.company, self.sector.companies
        # The sector's own words stay, so that what is said twice is said once.
        own = {
            f"{word}{end}".lower(): f"{word}{end}"
            for word in (first, second)
            for end in ("", " group", " company", " companies")
        }
        own |= {text.lower(): text for text in (one, several)}
        said = {
            "ai-group companies": f"{first} companies",
            "ai-group company": f"{first} company",
            "ai-group miners": f"{first} {several}",
            "ai-group": first,
            "ai group (pivot)": f"{first} group",
            "ai group, pivot": f"{first} group",
            "ai group": f"{first} group",
            "n pivot": f"n {first}",
            "n bitcoin": f"n {second}",
            "mining group (bitcoin)": f"{second} group",
            "mining group, bitcoin": f"{second} group",
            "mining group": f"{second} group",
            "mining companies": f"{second} companies",
            "mining company": f"{second} company",
            "the other miners": f"the other {several}",
            "listed miners": f"listed {several}",
            "listed miner": f"listed {one}",
            "pivots": f"{first} companies",
            "pivot": first,
            "miners": several,
            "miner": one,
        }
        return said | own

    @cached_property
    def _phrases(self) -> re.Pattern[str]:
        # Miners of the network stay what they are, and so does the program's own name.
        longest = "|".join(map(re.escape, sorted(self._table, key=len, reverse=True)))
        return re.compile(rf"(?<![\w-])(?<!bitcoin )(?:{longest})(?!\w|-screener| leaving)", re.IGNORECASE)

    def _said(self, found: re.Match[str]) -> str:
        said = self._table[found[0].lower()]
        return found[0] if said.lower() == found[0].lower() else _like(found[0], said)

    def _shielded(self, text: str) -> tuple[str, list[str]]:
        """A text with marks in the place of names out of the data that hold a word of miners, and these names."""
        names: list[str] = []
        if self._names is None:
            return text, names

        def mark(found: re.Match[str]) -> str:
            names.append(found[0])
            return f"\0{len(names) - 1}\0"

        return self._names.sub(mark, text), names

    @cached_property
    def _names(self) -> re.Pattern[str] | None:
        """Names of several words in the data, such as a tenant or the universe's title, that hold a word of miners."""
        named = [
            one for one in self.data
            if " " in one and len(one) <= LONGEST_NAME and any(c.isupper() for c in one)
            and (self._phrases.search(one) or (self._lacks is not None and self._lacks.search(one)))
        ]  # fmt: skip
        longest = sorted(named, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest))) if longest else None


_WORD = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(sorted(PLAIN, key=len, reverse=True))})(?![A-Za-z])", re.IGNORECASE)


def _restored(text: str, names: list[str]) -> str:
    return re.sub(r"\0(\d+)\0", lambda found: names[int(found[1])], text)


def _sentences(text: str) -> list[str]:
    """A text cut after the full stop of each sentence."""
    return re.findall(r".+?(?:[.!?](?=\s|$)\s*|$)", text, re.DOTALL)


def _like(found: str, said: str) -> str:
    """A word with a capital where the text that it stands for has one that begins a sentence or a title."""
    return _capital(said) if found[:1].isupper() and not found[:2].isupper() else said


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
