"""The two groups of a sector: which companies form them (METHODS section 7), and what the sector calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

PIVOT, BITCOIN = "pivot", "bitcoin"
GROUP_NAMES = {PIVOT: "AI group", BITCOIN: "mining group"}


@dataclass(frozen=True)
class Rule:
    """A group rule: `pivot` (AI group) where `metric` is at least `threshold`, else `bitcoin`; unknown stays unknown.

    A rule with `members` lists the companies of each group instead, (ticker, group); a company on neither list is in no
    group.
    """

    name: str
    title: str
    metric: str
    threshold: float
    members: tuple[tuple[str, str], ...] = ()

    def apply(self, table: pd.DataFrame) -> pd.Series:
        """Group of each company: `pivot`, `bitcoin`, or None where the metric is unknown; on the rows of `table`."""
        # Imported here: the rules' names and titles are read by the help of every command.
        import numpy as np
        import pandas as pd

        if self.members:
            listed = dict(self.members)
            groups = [listed.get(str(ticker)) for ticker in table.index.get_level_values("ticker")]
            return pd.Series(groups, index=table.index, dtype=object)
        value = table[self.metric]
        named = np.where(value >= self.threshold, PIVOT, BITCOIN).astype(object)
        named[value.isna().to_numpy()] = None
        return pd.Series(named, index=table.index, dtype=object)


@dataclass(frozen=True)
class Sector:
    """What a universe calls its groups and companies, and what its companies do; the defaults are the miners'.

    Attributes
    ----------
    first, second : str
        The groups in a word that stands before "group" and "company": `AI`, `mining`.
    company, companies : str
        One company of the sector, and several.
    coins, mining : bool
        Whether its companies may hold coins, and may mine. Where they do not, both are zero and not unknown.
    rules : tuple of Rule
        The group rules that the sector knows; empty for those of `RULES`.
    """

    first: str = "AI"
    second: str = "mining"
    company: str = "miner"
    companies: str = "miners"
    coins: bool = True
    mining: bool = True
    rules: tuple[Rule, ...] = ()

    @property
    def names(self) -> dict[str, str]:
        """The groups as they are called, by `pivot` and `bitcoin`."""
        return {PIVOT: f"{self.first} group", BITCOIN: f"{self.second} group"}

    @property
    def known_rules(self) -> Mapping[str, Rule]:
        """The group rules that may be asked for, by name."""
        return {rule.name: rule for rule in self.rules} or RULES


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("share20", "contracted AI share of at least 20%", "ai_share_contracted", 0.20),
        Rule("signed", "any signed AI or HPC contract", "signed_contracts", 1),
        Rule("mw25", "at least 25 MW of contracted critical IT", "ai_contracted_it_mw", 25.0),
        Rule("share50", "contracted AI share of at least 50%", "ai_share_contracted", 0.50),
        Rule("trailing10", "trailing AI share of at least 10%", "ai_share_trailing", 0.10),
    )
}
DEFAULT_RULE = "share20"
MINERS = Sector()
