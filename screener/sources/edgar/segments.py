"""Revenue by business out of the dimensions of a filing: products and services, or segments, that sum to the total."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from screener.sources.edgar import tables
from screener.sources.edgar.found import Left, bare, one_dimension
from screener.sources.edgar.groups import SAME, near
from screener.sources.edgar.statements import plain, which

PARTS_WITHIN = 0.005  # parts must sum to the total revenue within this fraction
_PRODUCT, _SEGMENT, _ITEMS = "ProductOrServiceAxis", "StatementBusinessSegmentsAxis", "ConsolidationItemsAxis"
# Ways to split, in order; each is held against the total by itself, so that no revenue counts twice.
_SPLITS: tuple[tuple[str, ...], ...] = (
    (_PRODUCT,),
    (_SEGMENT,),
    (_ITEMS, _PRODUCT),
    (_ITEMS, _SEGMENT),
    (_ITEMS, _PRODUCT, _SEGMENT),
)
_STANDARD = {
    "Revenues", "RevenueFromContractWithCustomerExcludingAssessedTax",
    "RevenueFromContractWithCustomerIncludingAssessedTax", "OperatingLeaseLeaseIncome", "SalesRevenueNet", "Revenue",
    "RevenueFromContractsWithCustomers",
}  # fmt: skip
_OWN = re.compile(r"^(?!.*(Cost|Deferred|Unbilled|Recogni[sz]ed|Expense|Percent|Receivable|Liabilit|Change)).*Revenue")
_INSIDE_OVERHEAD = ("IncomeStatementLocationAxis", "SellingGeneralAndAdministrativeExpensesMember")
# For a member that members.csv does not have: what its words say, for a person.
_WORDS = (
    ("revenue_hosting", re.compile(r"host", re.IGNORECASE)),
    ("revenue_ai_hpc", re.compile(r"(?i:hpc|highperformance|cloud|gpu|colocation|datacenter)|AI(?![a-z])")),
    ("revenue_mining", re.compile(r"min(ing|ed|er)", re.IGNORECASE)),
)


def parts(
    rows: pd.DataFrame, totals: Mapping[tuple, float], ticker: str
) -> tuple[list[tuple[str, pd.Timestamp, pd.Timestamp, float, str, str, tuple[str, ...], tuple[str, ...]]], list[Left]]:
    """Revenue of each business over each span, as one filing states it.

    Parameters
    ----------
    rows : DataFrame
        The settled facts of a filing that span time.
    totals : dict
        Total revenue by (start, end), from the same filing.
    ticker : str

    Returns
    -------
    parts : list of (item, start, end, value, derivation, accession, checks, needs)
    left : list of Left
        Spans whose members do not sum to the total within 0.5%.
    """
    wanted = rows[(rows["unit"] == "USD") & rows["start"].notna() & which(rows["dimensions"], bool)]
    standard = wanted["taxonomy"].isin(["us-gaap", "ifrs-full"])
    named = (standard & wanted["concept"].isin(_STANDARD)) | (~standard & which(wanted["concept"], _is_revenue))
    wanted = wanted[named]
    wanted = wanted.assign(split=wanted["dimensions"].map(_split), member=wanted["dimensions"].map(_member))
    wanted = wanted[wanted["split"].notna()]
    found, left = [], []
    for (start, end), span in wanted.groupby(["start", "end"]):
        total = totals.get((start, end))
        if total is None:
            continue
        tried: list[tuple[tuple[str, ...], float]] = []
        for split in _SPLITS:
            members = _by_member(span[span["split"] == split])
            if not members:
                continue
            summed = sum(members.values())
            if near(summed, total, PARTS_WITHIN):
                found += _items(members, total, ticker, start, end, str(span["accession"].iloc[0]))
                tried = []
                break
            tried.append((split, summed))
        for split, summed in tried:
            reason = f"its members sum to {plain(summed)}, total revenue is {plain(total)}"
            left.append(Left("revenue_ai_hpc", end, split[-1], "USD", summed, reason, str(span["accession"].iloc[0])))
    return found, left


def _is_revenue(concept: str) -> bool:
    return bool(_OWN.search(concept))


def _split(dimensions: tuple[tuple[str, str], ...]) -> tuple[str, ...] | None:
    """The axes of a fact, sorted, where they are one of the ways to split the reportable segments; else None."""
    axes = {bare(axis): bare(member) for axis, member in dimensions}
    if axes.get(_ITEMS, "OperatingSegmentsMember") != "OperatingSegmentsMember":
        return None
    found = tuple(sorted(axes))
    return found if found in _SPLITS else None


def _member(dimensions: tuple[tuple[str, str], ...]) -> str:
    """The product where one is named, else the segment."""
    axes = {bare(axis): bare(member) for axis, member in dimensions}
    return axes.get(_PRODUCT) or axes.get(_SEGMENT) or ""


def _by_member(rows: pd.DataFrame) -> dict[str, float]:
    """One figure a member: a total's tag before that of its contracts and leases, which are added where only they stand."""
    found = {}
    for member, stated in rows[rows["member"] != ""].groupby("member"):
        by_tag = stated.groupby("concept")["value"].max()
        if "Revenues" in by_tag:
            found[str(member)] = float(by_tag["Revenues"])
            continue
        values: list[float] = []
        for value in by_tag:
            if not any(near(value, one, SAME) for one in values):
                values.append(float(value))
        found[str(member)] = sum(values)
    return found


def _items(
    members: Mapping[str, float], total: float, ticker: str, start: pd.Timestamp, end: pd.Timestamp, accession: str
) -> list[tuple]:
    table = tables.members()
    listed = table[table["ticker"] == ticker].set_index("member")["item"]
    by_item: dict[str, list[str]] = {}
    needs: dict[str, list[str]] = {}
    for member in members:
        item = listed.get(member)
        if item is None:
            item = next((name for name, words in _WORDS if words.search(member)), "revenue_other")
            needs.setdefault(item, []).append(f"members.csv of {ticker} does not have {member}")
        by_item.setdefault(item, []).append(member)
    agrees = f"the parts sum to total revenue {plain(total)}"
    return [
        (item, start, end, sum(members[one] for one in names), " + ".join(f"{one} {plain(members[one])}" for one in names),
         accession, (agrees,), tuple(needs.get(item, ())))
        for item, names in sorted(by_item.items())
    ]  # fmt: skip


def overhead(rows: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp, float, str]]:
    """Cash overhead over each span of a filing: SG&A less the stock awards, depreciation and amortisation inside it.

    Only where the filing states the stock awards inside SG&A by themselves; awards of the whole company would take off too
    much. Rows are (start, end, value, derivation).
    """
    spans = rows[(rows["unit"] == "USD") & rows["start"].notna() & (rows["taxonomy"] == "us-gaap")]
    whole = spans[
        which(spans["dimensions"], lambda dims: not dims)
        & (spans["concept"] == "SellingGeneralAndAdministrativeExpense")
    ]
    inside = spans[which(spans["dimensions"], _inside_overhead)]
    found = []
    for row in whole.itertuples():
        same = inside[(inside["start"] == row.start) & (inside["end"] == row.end)].groupby("concept")["value"].max()
        awards = same.get("AllocatedShareBasedCompensationExpense")
        if awards is None:
            continue
        worn = float(same.get("DepreciationDepletionAndAmortization", 0.0))
        words = f"SellingGeneralAndAdministrativeExpense {plain(row.value)} - stock awards in it {plain(awards)}" + (
            f" - depreciation in it {plain(worn)}" if worn else ""
        )
        found.append((row.start, row.end, float(row.value - awards - worn), words))
    return found


def _inside_overhead(dimensions: tuple[tuple[str, str], ...]) -> bool:
    return one_dimension(dimensions) == _INSIDE_OVERHEAD
