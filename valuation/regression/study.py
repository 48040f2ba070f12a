"""Study of the regression on AI share: small-sample inference, placebo, controls, robust lines, influence, power, panel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation import inference
from valuation._summary import ResultMixin, Summary, small
from valuation.assumptions import Assumptions
from valuation.eligibility import eligible
from valuation.errors import NotEstimable
from valuation.findings import Finding, texts
from valuation.regression import diagnostics, findings, panel
from valuation.regression.ols import LEAST_NAMES, Regression, primary

RESPONSE = "ev_per_mw_secured"
REGRESSOR = "ai_share_contracted"
PLACEBO = "ai_share_trailing"
SECOND = "leased_share"
CONTROLS = {
    "ln_secured_mw": "ln of secured MW",
    "bitcoin_to_ev": "bitcoin at spot over EV",
    "leverage": "debt not converted over EV",
    "operating_share": "operating over secured MW",
    "trailing_share": "trailing AI share",
}


def controls(table: pd.DataFrame) -> pd.DataFrame:
    """The control variables of METHODS section 8 and the trailing share, the placebo; NaN where an input is unknown."""
    ev = table["enterprise_value_usd"]
    return pd.DataFrame(
        {
            "ln_secured_mw": np.log(table["secured_mw"].where(table["secured_mw"] > 0)),
            "bitcoin_to_ev": table["bitcoin_usd"] / ev,
            "leverage": table["debt_after_conversion_usd"] / ev,
            "operating_share": table["operating_mw"] / table["secured_mw"],
            "trailing_share": table[PLACEBO],
        },
        index=table.index,
    )


@dataclass(frozen=True, repr=False)
class Inference(ResultMixin):
    """Inference on one slope by three small-sample methods.

    Attributes
    ----------
    line : Regression
        The regression with its headline test, the restricted wild bootstrap, and HC3 with t(n - 2).
    hc2 : inference.CoefficientTest
        HC2 with Bell-McCaffrey degrees of freedom.
    """

    line: Regression
    hc2: inference.CoefficientTest

    @property
    def wild(self) -> inference.CoefficientTest:
        """The headline test."""
        return self.line.wild

    @property
    def frame(self) -> pd.DataFrame:
        """Slope, t, df, p and interval by method."""
        line, wild, hc2 = self.line, self.wild, self.hc2
        how = "all sign vectors" if wild.exact else f"Webb weights, seed {wild.seed}"
        rows = {
            f"{wild.method} ({how}, B = {wild.draws})": (wild.t_value, np.nan, wild.p_value, wild.low, wild.high),
            "HC2, Bell-McCaffrey df": (hc2.t_value, hc2.df, hc2.p_value, hc2.low, hc2.high),
            "HC3, t(n - 2)": (line.t_value, line.df, line.p_value, line.low, line.high),
        }
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=["t", "df", "p", "low", "high"])
        frame.insert(0, "slope", line.slope)
        return frame


@dataclass(frozen=True, repr=False)
class RegressionStudy(ResultMixin):
    """The primary regression on one date with placebo, controls, robust lines, influence, power and panel.

    Attributes
    ----------
    primary, placebo, leased : Inference or None
        Contracted share; trailing share; leased share of secured MW, the second regressor, in a line of its own. None with
        the reason in `notes`.
    controls : DataFrame
        A row a control: slope of the share with it, HC3 p, permutation p (studentised Freedman-Lane), its draws, n,
        note.
    lines : DataFrame
        Slope and intercept by least squares, Theil-Sen and Huber.
    spearman : (rho, p)
    influence : Influence
    leave_one_out_r2 : float
        Against the mean of the other companies.
    power : Power
    panel : PanelRegression or None
    seed : int
        Of every draw.
    notes : dict
        Why something is absent.
    """

    primary: Inference
    placebo: Inference | None
    leased: Inference | None
    controls: pd.DataFrame
    lines: pd.DataFrame
    spearman: tuple[float, float]
    influence: diagnostics.Influence
    leave_one_out_r2: float
    power: diagnostics.Power
    panel: panel.PanelRegression | None
    seed: int
    notes: dict[str, str]

    @property
    def frame(self) -> pd.DataFrame:
        """Slope, t, df, p and interval by method."""
        return self.primary.frame

    @property
    def p_placebo(self) -> float:
        """Headline p of the trailing share alone; NaN where it cannot be estimated."""
        return math.nan if self.placebo is None else self.placebo.wild.p_value

    @property
    def p_given_placebo(self) -> float:
        """Permutation p of the contracted share with the trailing one as control; NaN where it was not tried."""
        return float(self.controls["p_permutation"].get("trailing_share", math.nan))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the regression and its checks show, and what they do not."""
        line, wild = self.primary.line, self.primary.wild
        p = {"wild bootstrap": wild.p_value, "HC2": self.primary.hc2.p_value, "HC3": line.p_value}
        return (
            *findings.association(wild, line.level, line.share),
            *findings.stability(wild, self.influence),
            *findings.out_of_sample(self.leave_one_out_r2),
            *findings.controlled(self.controls),
            *findings.no_association(wild, self.power, line.share),
            *findings.methods_disagree(p),
            *findings.placebo(self.p_placebo, self.p_given_placebo),
            *([] if self.leased is None else findings.second_regressor(self.leased.wild, self.leased.line.level)),
            *findings.within_companies(self.panel),
            findings.not_causal(),
            findings.not_a_valuation(),
        )

    def _summary(self) -> Summary:
        base = self.primary.line.summary
        controls = self.controls.drop(columns=["draws", "note"])
        tables = (small(self.frame, "Slope by method"), small(controls, "Slope of the share with one control"))
        return Summary(base.title, base.lines, tables, tuple(texts(self.findings)))


def infer(sample: pd.DataFrame, regressor: str, assumptions: Assumptions) -> Inference:
    """Fit one regression and test its slope by three methods.

    Raises
    ------
    NotEstimable
        Fewer than five companies, all shares equal, or a company that the line must pass through.
    """
    level = assumptions.confidence_level
    line = primary(
        sample, response=RESPONSE, regressor=regressor, level=level,
        draws=assumptions.bootstrap_draws, seed=assumptions.seed,
    )  # fmt: skip
    return with_hc2(line)


def with_hc2(line: Regression) -> Inference:
    """A fitted regression with the HC2, Bell-McCaffrey test of its slope."""
    design = np.column_stack([np.ones(line.n), line.sample["share"].to_numpy()])
    y = line.sample["ln_value"].to_numpy()
    return Inference(line, inference.hc2_bell_mccaffrey(y, design, 1, level=line.level))


def run(
    table: pd.DataFrame,
    status: pd.DataFrame,
    causes: pd.DataFrame,
    assumptions: Assumptions,
    *,
    names: Sequence[str] = tuple(CONTROLS),
    quarters: pd.DataFrame | None = None,
) -> RegressionStudy:
    """Study the regression on one date.

    Parameters
    ----------
    table, status, causes : DataFrame
        One date of a `Valuation`, indexed by ticker.
    names : sequence of str
        Controls to try, one at a time.
    quarters : DataFrame, optional
        Indexed (as_of, ticker): ln_value and share at quarter ends, for the panel.

    Raises
    ------
    NotEstimable
        The primary regression itself cannot be estimated.
    """
    notes: dict[str, str] = {}
    chosen = _chosen(table, status, causes, REGRESSOR)
    main = infer(chosen, REGRESSOR, assumptions)
    beside: dict[str, Inference | None] = {}
    for name, regressor in (("placebo", PLACEBO), ("leased", SECOND)):
        beside[name] = None
        try:
            beside[name] = infer(_chosen(table, status, causes, regressor), regressor, assumptions)
        except NotEstimable as error:
            notes[name] = str(error)
    x, y = main.line.sample["share"], main.line.sample["ln_value"]
    theil, hub = diagnostics.theil_sen(x.to_numpy(), y.to_numpy()), diagnostics.huber(x.to_numpy(), y.to_numpy())
    lines = pd.DataFrame(
        {
            "slope": [main.line.slope, theil[0], hub[0]],
            "intercept": [main.line.intercept, theil[1], hub[1]],
        },
        index=["least squares", "Theil-Sen", "Huber"],
    )
    across = None
    if quarters is not None:
        try:
            across = panel.fixed_effects(
                quarters, "ln_value", "share", level=assumptions.confidence_level,
                draws=assumptions.bootstrap_draws, seed=assumptions.seed,
            )  # fmt: skip
        except NotEstimable as error:
            notes["panel"] = str(error)
    return RegressionStudy(
        primary=main,
        placebo=beside["placebo"],
        leased=beside["leased"],
        controls=_controlled(table, x, y, names, assumptions),
        lines=lines,
        spearman=diagnostics.spearman(x.to_numpy(), y.to_numpy()),
        influence=diagnostics.influence(x, y),
        leave_one_out_r2=diagnostics.leave_one_out_r2(x.to_numpy(), y.to_numpy()),
        power=diagnostics.power(x.to_numpy(), y.to_numpy(), size=1 - assumptions.confidence_level),
        panel=across,
        seed=assumptions.seed,
        notes=notes,
    )


def _chosen(table: pd.DataFrame, status: pd.DataFrame, causes: pd.DataFrame, regressor: str) -> pd.DataFrame:
    reason = eligible(table, status, causes, [RESPONSE, regressor])["reason"]
    return table.loc[reason == "", [RESPONSE, regressor, "group"]]


def _controlled(
    table: pd.DataFrame, x: pd.Series, y: pd.Series, names: Sequence[str], assumptions: Assumptions
) -> pd.DataFrame:
    """The share's slope with one control at a time."""
    every = controls(table).reindex(x.index)
    rows = []
    for name in names:
        known = every[name].notna()
        row: dict[str, object] = {"control": name, "slope": np.nan, "p_hc3": np.nan, "p_permutation": np.nan}
        row |= {"draws": 0, "n": int(known.sum()), "note": ""}
        if known.sum() <= LEAST_NAMES:
            rows.append(row | {"note": "too few companies with the control known"})
            continue
        outcome, share = y[known].to_numpy(), x[known].to_numpy()
        given = np.column_stack([np.ones(int(known.sum())), every.loc[known, name].to_numpy()])
        try:
            hc3 = inference.hc3_t(outcome, np.column_stack([given, share]), 2)
            shuffled = inference.permutation_freedman_lane(
                outcome, share, given, draws=assumptions.bootstrap_draws, seed=assumptions.seed
            )
        except NotEstimable as error:
            rows.append(row | {"note": str(error)})
            continue
        row |= {"slope": hc3.estimate, "p_hc3": hc3.p_value, "p_permutation": shuffled.p_value}
        row["draws"] = shuffled.draws
        rows.append(row)
    columns = ["control", "slope", "p_hc3", "p_permutation", "draws", "n", "note"]
    return pd.DataFrame(rows, columns=columns).set_index("control")
