"""Counterparty, end user, guarantor and credit class of a contract, by declared rules on the source's text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd

CLASSES = ("hyperscaler", "investment_grade", "other")
NOT_STATED = "not stated"
NO_SUPPORT = "none"
SEVERAL_SITES = "several sites"
ITSELF = "tenant itself"

# A text that names a month after the as-of date tells what was not known then.
MONTH = r"\b((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) 20\d\d)\b"
BRACKET = r"\s*\([^()]*\)"

# Text that contains the first is the second. Several names in one text, and names that the source calls
# unconfirmed, stay as they are written.
THEN = r";\s*then\b.*$"
AS_WRITTEN = r";|\bothers\b|unconfirmed"
NAMES = (
    ("coreweave", "CoreWeave"),
    ("fluidstack", "Fluidstack"),
    ("advanced micro devices", "AMD"),
    ("amd (direct)", "AMD"),
    ("amazon", "Amazon"),
    ("microsoft", "Microsoft"),
    ("google", "Google"),
    ("meta", "Meta"),
    ("oracle", "Oracle"),
    ("nvidia", "NVIDIA"),
    ("anthropic", "Anthropic"),
    ("cerebras", "Cerebras"),
    ("second us investment-grade hyperscaler", "APLD's second hyperscaler (undisclosed)"),
    ("same hyperscaler as delta forge 1", "APLD's second hyperscaler (undisclosed)"),
    ("us investment-grade hyperscaler (undisclosed)", "APLD's second hyperscaler (undisclosed)"),
    ("same undisclosed high-investment-grade tenant", "HUT's high-grade tenant (undisclosed)"),
    ("undisclosed high-investment-grade tenant", "HUT's high-grade tenant (undisclosed)"),
)
# First rule that the words of credit_support fit.
GUARANTORS = (
    ("google", "Google"),
    ("amd", "AMD"),
    ("tenant itself", ITSELF),
    ("letter", "banks (letters of credit)"),
    ("investment-grade", "unnamed, investment grade"),
)
# Whole names that are short for another.
SHORT_FOR = {"aws": "Amazon", "msft": "Microsoft", "alphabet": "Google", "facebook": "Meta", "crwv": "CoreWeave"}
# The legal form at a name's end, which one source writes and another leaves out.
LEGAL_FORM = (
    r"(?i)[\s,]+(?:inc|incorporated|corp|corporation|co|company|l\.?l\.?c|ltd|limited|plc|l\.?p|llp|gmbh|ag|n\.?v|b\.?v|"
    r"pte(?:\.? ltd)?|pty(?:\.? ltd)?)\.?\s*$"
)
HYPERSCALERS = ("Amazon", "Google", "Meta", "Microsoft", "Oracle")
INVESTMENT_GRADE = ("AMD", "NVIDIA", "unnamed, investment grade", "banks (letters of credit)")
HYPERSCALER_WORDS = "hyperscaler"
INVESTMENT_GRADE_WORDS = r"investment[- ]grade"
TENANT_BUILDS_WORDS = "capex mostly paid by"

RULES = (
    f"hyperscaler: one of {', '.join(HYPERSCALERS)}, or called a hyperscaler; investment_grade: one of "
    f"{', '.join(INVESTMENT_GRADE[:2])}, banks by letter of credit, or called investment grade; other: every other. "
    "A guarantor's class counts for the part of the value that the support covers, for all of it where no amount is "
    "given; the rest is of the counterparty's own class. An end user who does not sign is not a credit."
)


def classify(contracts: pd.DataFrame) -> pd.DataFrame:
    """Counterparty, end user, guarantor and credit classes of each contract, on the rows of `contracts`.

    Parameters
    ----------
    contracts : DataFrame
        Columns as_of, ticker, counterparty, end_user, credit_support, evidence: text as in the source, NaN where none.

    Returns
    -------
    DataFrame
        counterparty_name, end_user_name, guarantor, own_class and guarantor_class (of `CLASSES`; `RULES` in words;
        where nobody else stands behind the contract, guarantor_class is own_class), tenant_builds (True where the
        source says of any contract between the two that the tenant pays most of the building cost).
    """
    as_of = contracts["as_of"]
    # Who pays first is the tenant; who takes over later is a name of the evidence.
    who = contracts["counterparty"].astype(object).fillna("").str.replace(THEN, "", regex=True)
    early = _tells_later(who, as_of)
    who = who.where(~early, who.str.replace(BRACKET, "", regex=True) + " (unnamed)")
    counterparty = one_spelling(_each(who, name_of), as_of)
    user = contracts["end_user"].astype(object).fillna("")
    end_user = one_spelling(_each(user.where(~_tells_later(user, as_of), ""), name_of), as_of)
    support = contracts["credit_support"].astype(object).fillna("")
    support = support.where(~_tells_later(support, as_of), "")
    guarantor = _each(support, lambda text: _first(text, GUARANTORS, text or NO_SUPPORT))

    own = _class_of(counterparty, who)
    own = own.mask((guarantor == ITSELF) & support.str.contains(INVESTMENT_GRADE_WORDS, case=False), "investment_grade")
    behind = _class_of(guarantor, support)
    nobody = guarantor.isin([NO_SUPPORT, ITSELF])
    # Support from somebody weaker adds nothing.
    better = [min(pair, key=CLASSES.index) for pair in zip(own, behind, strict=True)]
    evidence = contracts["evidence"].astype(object).str.contains(TENANT_BUILDS_WORDS, case=False, na=False)
    pair = [contracts["as_of"], contracts["ticker"], counterparty.rename("who")]
    return pd.DataFrame(
        {
            "counterparty_name": counterparty,
            "end_user_name": end_user,
            "guarantor": guarantor,
            "own_class": own,
            "guarantor_class": own.where(nobody, better),
            "tenant_builds": evidence.groupby(pair).transform("any").astype(bool),
        },
        index=contracts.index,
    )


def _tells_later(text: pd.Series, as_of: pd.Series) -> pd.Series:
    month = pd.to_datetime(text.str.extract(MONTH, expand=False), format="%b %Y", errors="coerce")
    return month > as_of


def _each(text: pd.Series, find: Callable[[str], str]) -> pd.Series:
    """What is found in each text, looked for once in texts that are alike: a contract's stay the same over the dates."""
    return text.map({one: find(one) for one in text.unique()}).astype(object)


def _first(text: str, rules: tuple[tuple[str, str], ...], otherwise: str) -> str:
    low = text.lower()
    return next((name for words, name in rules if words in low), otherwise)


def name_of(text: str) -> str:
    """The name under which a counterparty is kept, whatever its spelling."""
    if not text or re.search(AS_WRITTEN, text):
        return text or NOT_STATED
    bare = re.sub(LEGAL_FORM, "", text).strip()
    return _first(text, NAMES, _whole_names().get(_key(bare), bare))


@cache
def _whole_names() -> dict[str, str]:
    return {**{_key(words): name for words, name in NAMES}, **SHORT_FOR}


def same_name(one: str, other: str) -> bool:
    """Whether two names are spellings of one counterparty."""
    return _key(name_of(one)) == _key(name_of(other))


def _key(name: str) -> str:
    """A name's letters and figures alone, without case: Core Weave and coreweave are one."""
    return "".join(c for c in str(name).casefold() if c.isalnum())


def one_spelling(names: pd.Series, as_of: pd.Series) -> pd.Series:
    """Names of one date that differ in case, spaces and signs alone, under the first of them in the alphabet."""
    key = _each(names, lambda name: name if name == NOT_STATED else _key(name))
    return names.groupby([as_of, key]).transform("min").astype(object)


def _class_of(name: pd.Series, text: pd.Series) -> pd.Series:
    graded = name.isin(INVESTMENT_GRADE) | text.str.contains(INVESTMENT_GRADE_WORDS, case=False)
    hyper = name.isin(HYPERSCALERS) | text.str.contains(HYPERSCALER_WORDS, case=False)
    out = pd.Series("other", index=name.index, dtype=object)
    return out.mask(graded, "investment_grade").mask(hyper, "hyperscaler")


def place(contracts: pd.DataFrame, sites: pd.DataFrame | None) -> pd.DataFrame:
    """State and grid operator of each contract, on the rows of `contracts`.

    A contract lies at the one site of its company whose name, brackets taken off, stands in the contract's own
    site text; `several sites` where more than one does, `not stated` where none does or the site has no entry.

    Parameters
    ----------
    contracts : DataFrame
        Columns ticker, site.
    sites : DataFrame or None
        Columns ticker, site, state_or_region, grid_operator; None leaves every place not stated.
    """
    out = pd.DataFrame({"state": NOT_STATED, "grid_operator": NOT_STATED}, index=contracts.index, dtype=object)
    if sites is None or contracts.empty:
        return out
    sites_of: dict[str, list[tuple[str, tuple[str, str]]]] = {}
    for ticker, base, *where in located(sites)[["ticker", "base", "state", "grid_operator"]].itertuples(index=False):
        sites_of.setdefault(ticker, []).append((base, (where[0], where[1])))

    @cache
    def lies(ticker: str, site: str) -> tuple[str, str]:
        text = site.lower()
        hits = [where for base, where in sites_of.get(ticker, []) if base in text]
        if len(hits) > 1:
            return SEVERAL_SITES, SEVERAL_SITES
        return hits[0] if hits else (NOT_STATED, NOT_STATED)

    # A contract whose source names no site is at no site.
    named = contracts["site"].notna() & contracts["ticker"].notna()
    keys = contracts.loc[named, ["ticker", "site"]].itertuples(index=False)
    out.loc[named, ["state", "grid_operator"]] = np.array([lies(*key) for key in keys], dtype=object).reshape(-1, 2)
    return out


def located(sites: pd.DataFrame) -> pd.DataFrame:
    """Sites with `base` (lower-case name without brackets), `state` and `grid_operator` without brackets."""
    strip = {"regex": True}
    known = sites[["state_or_region", "grid_operator"]].astype(object).fillna(NOT_STATED)
    return sites.assign(
        base=sites["site"].str.replace(r"\s*\(.*$", "", **strip).str.lower(),
        state=known["state_or_region"].str.replace(r"\s*\(.*$", "", **strip),
        grid_operator=known["grid_operator"].str.replace(r"\s*\(.*$", "", **strip),
    )


def supported_share(contracts: pd.DataFrame) -> np.ndarray:
    """Part of each contract's value that the guarantor covers: 1 where no amount is given, 0 where there is none.

    Parameters
    ----------
    contracts : DataFrame
        Columns guarantor, credit_support_usd, owner_share, value_used_usd.
    """
    amount = (contracts["credit_support_usd"] * contracts["owner_share"]).to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.clip(amount / contracts["value_used_usd"].to_numpy(dtype=float), 0.0, 1.0)
    backed = ~contracts["guarantor"].isin([NO_SUPPORT, ITSELF]).to_numpy()
    return np.where(backed, np.where(np.isnan(part), 1.0, part), 0.0)
