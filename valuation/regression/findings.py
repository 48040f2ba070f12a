"""Findings on the regression of EV per MW on AI share, in sentences: size, robustness, placebo, panel, limits."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from valuation._words import SIGNIFICANT, interval, multiple, p_value, percent
from valuation.findings import CAN, CANNOT, Finding
from valuation.inference import CoefficientTest
from valuation.regression.diagnostics import Influence, Power
from valuation.regression.panel import PanelRegression


def association(wild: CoefficientTest, level: float, share: str = "contracted AI revenue") -> list[Finding]:
    """The value per MW of a company at 100% share over one at none, where its slope is significant at 5%.

    Parameters
    ----------
    wild : CoefficientTest
        The restricted wild bootstrap of the slope of ln(EV per secured MW).
    level : float
        Of its interval.
    share : str
        The regressor in words.
    """
    if wild.p_value > SIGNIFICANT:
        return []
    ratio, low, high = (float(np.exp(value)) for value in (wild.estimate, wild.low, wild.high))
    figures = {"ratio": ratio, "low": low, "high": high, "n": wild.n}
    than = "as high" if ratio > 1 else "as high, that is lower"
    text = (
        f"Across {wild.n} companies, moving from no {share} to 100% is associated with a value per secured MW "
        f"{multiple(ratio)} {than} ({level:.0%} confidence interval {interval(low, high)}, {p_value(wild.p_value)})."
    )
    return [Finding(text, CAN, figures, wild.p_value, SIGNIFICANT)]


def no_association(
    wild: CoefficientTest, power: Power | None = None, share: str = "contracted AI revenue"
) -> list[Finding]:
    """Absence of a significant slope at 5%, and the premium that the sample would have detected."""
    if not wild.p_value > SIGNIFICANT:
        return []
    text = (
        f"The association of {share} with value per secured MW is not statistically significant at 5% "
        f"({p_value(wild.p_value)}, n = {wild.n})."
    )
    figures: dict[str, float] = {"n": wild.n}
    if power is not None:
        figures["detectable_premium"] = power.detectable_premium
        text += (
            f" A sample of this size and noise reliably detects only a premium of "
            f"{percent(power.detectable_premium, signed=True)} or more."
        )
    return [Finding(text, CANNOT, figures, wild.p_value, SIGNIFICANT)]


def stability(wild: CoefficientTest, influence: Influence) -> list[Finding]:
    """Whether the slope keeps its sign when any one company is excluded."""
    low, high = influence.slope_range
    if wild.p_value > SIGNIFICANT or low * high <= 0:
        return []
    text = (
        "The result does not depend on a single company: excluding any one of them, the slope stays between "
        f"{low:.2f} and {high:.2f}."
    )
    return [Finding(text, CAN, {"lowest_slope": low, "highest_slope": high})]


def out_of_sample(r2: float) -> list[Finding]:
    """Leave-one-out R2, where the line predicts better than the mean of the other companies."""
    if not r2 > 0:
        return []
    text = (
        f"Out of sample the line predicts a company's value better than the mean of the others: its squared error is "
        f"{percent(r2)} lower (leave-one-out)."
    )
    return [Finding(text, CAN, {"leave_one_out_r2": r2}, threshold=0.0)]


def controlled(controls: pd.DataFrame) -> list[Finding]:
    """Number of regressions with one control in which the share stays significant."""
    told = controls[controls["note"] == ""]
    if not len(told):
        return []
    held = int((told["p_permutation"] <= SIGNIFICANT).sum())
    text = (
        f"With one control at a time, contracted AI share remains statistically significant at 5% in {held} of {len(told)} "
        "regressions."
    )
    return [Finding(text, CAN, {"significant": held, "regressions": len(told)}, threshold=SIGNIFICANT)]


def placebo(p: float, p_given_trailing: float) -> list[Finding]:
    """The placebo: whether the trailing share is associated with value, and the contracted one given it.

    Parameters
    ----------
    p : float
        Headline p of the trailing share alone; NaN where it cannot be estimated.
    p_given_trailing : float
        Permutation p of the contracted share with the trailing one as control; NaN where it was not tried.
    """
    if not p <= SIGNIFICANT:
        return []
    figures = {"p_placebo": p, "p_given_placebo": p_given_trailing}
    if p_given_trailing <= SIGNIFICANT:
        text = (
            f"The trailing AI share, intended as a placebo, is also associated with value ({p_value(p)}), but the "
            f"contracted share remains significant when it is controlled for ({p_value(p_given_trailing)})."
        )
        return [Finding(text, CAN, figures, p_given_trailing, SIGNIFICANT)]
    how = "the two shares move together"
    if not math.isnan(p_given_trailing):
        how = f"with it as a control the contracted share has {p_value(p_given_trailing)}"
    text = (
        "The data do not separate contracted revenue from revenue already earned: the trailing share is also associated "
        f"with value ({p_value(p)}), and {how}."
    )
    return [Finding(text, CANNOT, figures, p_given_trailing, SIGNIFICANT)]


def second_regressor(wild: CoefficientTest, level: float) -> list[Finding]:
    """The second regressor, the leased share of secured MW, by its own test.

    Parameters
    ----------
    wild : CoefficientTest
        The restricted wild bootstrap of the slope of ln(EV per secured MW) on the leased share.
    level : float
        Of its interval.
    """
    ratio, low, high = (float(np.exp(value)) for value in (wild.estimate, wild.low, wild.high))
    figures = {"ratio": ratio, "low": low, "high": high, "n": wild.n}
    told = f"from none to all of the secured MW leased, a ratio of {multiple(ratio)} in value per secured MW"
    sure = f"{level:.0%} confidence interval {interval(low, high)}, {p_value(wild.p_value)}, n = {wild.n}"
    if wild.p_value <= SIGNIFICANT:
        text = f"The leased share of secured MW, a second regressor, is associated with value: {told} ({sure})."
        return [Finding(text, CAN, figures, wild.p_value, SIGNIFICANT)]
    text = f"The leased share of secured MW has no statistically significant association with value: {told} ({sure})."
    return [Finding(text, CANNOT, figures, wild.p_value, SIGNIFICANT)]


def methods_disagree(p: dict[str, float]) -> list[Finding]:
    """Where the small-sample methods fall on both sides of 5%."""
    known = [one for one in p.values() if not math.isnan(one)]
    low, high = min(known), max(known)
    if not low <= SIGNIFICANT < high:
        return []
    text = f"The inference methods disagree at the 5% level (p from {p_value(low)[4:]} to {p_value(high)[4:]})."
    return [Finding(text, CANNOT, dict(p), high, SIGNIFICANT)]


def within_companies(panel: PanelRegression | None) -> list[Finding]:
    """That a company's own value does not significantly follow its own share."""
    if panel is None or panel.p_value <= SIGNIFICANT:
        return []
    low, high = float(np.exp(panel.low)), float(np.exp(panel.high))
    text = (
        f"Within companies over time the association is not statistically significant: {panel.dates} quarter ends, "
        f"{p_value(panel.p_value)}, a factor of {interval(low, high)} from no to 100% contracted share."
    )
    figures = {"premium": panel.premium, "low": low, "high": high, "dates": panel.dates, "companies": panel.firms}
    return [Finding(text, CANNOT, figures, panel.p_value, SIGNIFICANT)]


def not_causal() -> Finding:
    """The regression is a cross-section."""
    text = (
        "The regression does not show that signing a contract raises a company's value: it compares companies at one "
        "date."
    )
    return Finding(text, CANNOT)


def not_a_valuation() -> Finding:
    """A line is no valuation of a company."""
    text = (
        "The line is not a valuation of a single company: most of what is specific to a company is outside the model."
    )
    return Finding(text, CANNOT)
