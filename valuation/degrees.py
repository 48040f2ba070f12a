"""The fewest degrees of freedom on which a test is reported."""

from __future__ import annotations

from valuation.errors import NotEstimable

# With two degrees of freedom a 95% interval is 4.3 standard errors to each side, with one 12.7: such a test says little of
# the data and much of the normal law, which a handful of companies or events cannot show.
LEAST_DEGREES = 3


def require_degrees(df: int, of: str) -> None:
    """Refuse a test on fewer than three degrees of freedom.

    Parameters
    ----------
    df : int
    of : str
        What they are of, as the subject of a sentence: `5 observations and 3 coefficients`.

    Raises
    ------
    NotEstimable
    """
    if df < LEAST_DEGREES:
        left = max(int(df), 0)
        raise NotEstimable(
            f"not meaningful: {of} leave {left} {'degree' if left == 1 else 'degrees'} of freedom, at least "
            f"{LEAST_DEGREES} needed"
        )
