"""Group rules: which companies form the AI group and which the mining group (METHODS section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

PIVOT, BITCOIN = "pivot", "bitcoin"
GROUP_NAMES = {PIVOT: "AI group", BITCOIN: "mining group"}


@dataclass(frozen=True)
class Rule:
    """A group rule: `pivot` (AI group) where `metric` is at least `threshold`, else `bitcoin`; unknown stays unknown."""

    name: str
    title: str
    metric: str
    threshold: float

    def apply(self, table: pd.DataFrame) -> pd.Series:
        """Group of each company: `pivot`, `bitcoin`, or None where the metric is unknown; on the rows of `table`."""
        # Imported here: the rules' names and titles are read by the help of every command.
        import numpy as np
        import pandas as pd

        value = table[self.metric]
        named = np.where(value >= self.threshold, PIVOT, BITCOIN).astype(object)
        named[value.isna().to_numpy()] = None
        return pd.Series(named, index=table.index, dtype=object)


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
