"""Whether signing a first AI contract lifts the value: staggered difference-in-differences (METHODS section 11)."""

from valuation.signing.imputation import imputed
from valuation.signing.result import MEASURES, STUDIED, WINDOWS, SigningStudy, study
from valuation.signing.staggered import Staggered, staggered
from valuation.signing.within import MOVES, change_since, medians

__all__ = [
    "MEASURES",
    "MOVES",
    "STUDIED",
    "WINDOWS",
    "SigningStudy",
    "Staggered",
    "change_since",
    "imputed",
    "medians",
    "staggered",
    "study",
]
