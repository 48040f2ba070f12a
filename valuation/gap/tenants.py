"""Leave-one-tenant-out: the gap, and the line where it leads, without all companies that share a tenant or guarantor."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation import inference
from valuation._words import count, listed, multiple, p_value
from valuation.errors import NotEstimable
from valuation.findings import CAN, CANNOT, Finding
from valuation.gap.dependence import RANK_SUM, WILD, dependence
from valuation.gap.hodges_lehmann import LEAST_MEMBERS, hodges_lehmann
from valuation.groups import GROUP_NAMES
from valuation.regression.ols import LEAST_NAMES, Regression

COLUMNS = [
    "party", "role", "companies", "excluded", "n_pivot", "n_bitcoin", "ratio", "p_value", "note", "n_line", "line", "line_p",
    "line_note",
]  # fmt: skip


@dataclass(frozen=True)
class LeaveOneTenantOut:
    """The typical ratio, and the line, without the companies of each tenant or guarantor in turn.

    Attributes
    ----------
    frame : DataFrame
        A row a party to leases of companies in the sample: party, role, companies (their number), excluded (their
        tickers), n_pivot, n_bitcoin (of those that remain), ratio and p_value (exact rank-sum test) of the gap, note (why
        there is none); n_line, line (value per MW at 100% contracted share over none), line_p (restricted wild bootstrap)
        and line_note of the regression, where the line leads. The ratio and the line without them are NaN where a note
        says why.
    ratio : float
        The typical ratio with all companies; NaN where there is none.
    line : float
        exp(slope) with all companies; NaN where the groups lead or there is no line.
    """

    frame: pd.DataFrame
    ratio: float
    line: float

    @property
    def shared(self) -> pd.DataFrame:
        """The parties that two or more companies of the sample have in common."""
        return self.frame[self.frame["companies"] > 1]

    def moved_most(self, column: str = "ratio") -> pd.Series | None:
        """The row that moves an estimate most, in logs; None where there is no estimate.

        Parameters
        ----------
        column : {"ratio", "line"}
        """
        moved = np.log(self.frame[column] / getattr(self, column)).abs()
        return None if moved.isna().all() else self.frame.loc[moved.idxmax()]

    def sharing(self, row: pd.Series) -> str:
        """`Fluidstack and Google`: the parties without which the companies of a row are excluded."""
        return listed(self.frame.loc[self.frame["excluded"] == row["excluded"], "party"])

    def excluding(self, row: pd.Series) -> str:
        """`excluding CIFR, HUT, WULF: Fluidstack and Google`: the companies of a row and the parties they share."""
        return f"excluding {row['excluded']}: {self.sharing(row)}"

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The ranges, the tenants without which there is no estimate, and what dependence does to the test."""
        found = [
            *_range(self, "ratio", "p_value", "the gap"),
            *_range(self, "line", "line_p", "the ratio that the regression implies from no contracted share to 100%"),
            *_not_estimable(self.frame, self.ratio),
        ]
        if len(self.shared):
            found.append(dependence(RANK_SUM if math.isnan(self.line) else WILD))
        return tuple(found)


def leave_one_tenant_out(
    parties: pd.DataFrame, multiples: pd.Series, is_pivot: pd.Series, line: Regression | None = None
) -> LeaveOneTenantOut:
    """The gap, and a regression line, without the companies of each tenant or guarantor in turn.

    Parameters
    ----------
    parties : DataFrame
        party, role, ticker (`contracts.tenants.lease_parties`).
    multiples : Series
        Indexed by ticker: value over the denominator of the companies in the gap, positive.
    is_pivot : bool Series
        On the same index.
    line : Regression or None
        ln(EV per secured MW) on contracted share, where it leads the page.

    Notes
    -----
    METHODS section 7. Where fewer than three companies remain in a group there is no estimate, unlike without a single
    company. A party whose leases are of companies outside the sample alone has no row.
    """
    sample = multiples.index if line is None else multiples.index.union(line.sample.index)
    inside = parties[parties["ticker"].isin(sample)]
    full = _ratio(multiples, is_pivot)
    with_all = math.nan if line is None else float(np.exp(line.slope))
    rows = []
    for (party, role), part in inside.groupby(["party", "role"], sort=True):
        excluded = sorted(part["ticker"])
        row: dict[str, object] = dict.fromkeys(COLUMNS, math.nan)
        row |= {"party": party, "role": role, "companies": len(excluded), "excluded": ", ".join(excluded)}
        kept = ~multiples.index.isin(excluded)
        row |= _ratio(multiples[kept], is_pivot[kept])
        row["line_note"] = ""
        if line is not None:
            row |= _line(line, excluded)
        rows.append(row)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return LeaveOneTenantOut(frame, float(full["ratio"]), with_all)  # type: ignore[arg-type]


def _ratio(multiples: pd.Series, is_pivot: pd.Series) -> dict[str, object]:
    first, second = multiples[is_pivot].to_numpy(dtype=float), multiples[~is_pivot].to_numpy(dtype=float)
    sizes = {"pivot": len(first), "bitcoin": len(second)}
    out: dict[str, object] = {f"n_{name}": n for name, n in sizes.items()}
    smallest = min(sizes, key=lambda name: sizes[name])
    if sizes[smallest] < LEAST_MEMBERS:
        few = count(sizes[smallest], "company", "companies")
        return out | {"ratio": math.nan, "p_value": math.nan, "note": f"{few} in the {GROUP_NAMES[smallest]}"}
    found = hodges_lehmann(first, second)
    return out | {"ratio": found.ratio, "p_value": found.p, "note": ""}


def _line(line: Regression, excluded: list[str]) -> dict[str, object]:
    sample = line.sample[~line.sample.index.isin(excluded)]
    out: dict[str, object] = {"n_line": len(sample), "line": math.nan, "line_p": math.nan}
    if len(sample) < LEAST_NAMES:
        return out | {"line_note": f"{count(len(sample), 'company', 'companies')} on the line"}
    design = np.column_stack([np.ones(len(sample)), sample["share"].to_numpy()])
    try:
        test = inference.wild_bootstrap(
            sample["ln_value"].to_numpy(), design, 1, draws=line.wild.draws, seed=line.wild.seed or 0
        )
    except NotEstimable as error:
        return out | {"line_note": str(error)}
    return out | {"line": float(np.exp(test.estimate)), "line_p": test.p_value, "line_note": ""}


def _range(out: LeaveOneTenantOut, column: str, p: str, what: str) -> list[Finding]:
    most = out.moved_most(column)
    if most is None:
        return []
    known = out.frame.dropna(subset=column)
    low, high = known.loc[known[column].idxmin()], known.loc[known[column].idxmax()]
    text = (
        f"Excluding in turn all companies of each tenant or guarantor, {what} ranges from {multiple(low[column])} "
        f"({out.excluding(low)}) to {multiple(high[column])} ({out.excluding(high)}), against "
        f"{multiple(getattr(out, column))} with all companies; excluding those of {out.sharing(most)} changes it most. The "
        f"weakest of these tests has {p_value(known[p].max())}."
    )
    figures = {"lowest": low[column], "highest": high[column], "with_all": getattr(out, column)}
    return [Finding(text, CAN, figures | {"largest_p": known[p].max(), "parties": len(known)})]


def _not_estimable(frame: pd.DataFrame, ratio: float) -> list[Finding]:
    absent = frame[frame["ratio"].isna()]
    if math.isnan(ratio) or absent.empty:
        return []
    named = listed(absent["party"])
    text = f"Excluding the companies of {named} leaves fewer than {LEAST_MEMBERS} in a group: no estimate."
    return [Finding(text, CANNOT, {"parties": len(absent)}, threshold=LEAST_MEMBERS)]
