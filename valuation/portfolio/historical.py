"""Value at risk and expected shortfall by historical simulation."""

from __future__ import annotations

import numpy as np


def value_at_risk(returns: np.ndarray, level: float) -> np.ndarray:
    """Loss that is exceeded in at most 1 - level of the returns: the ceil(n (1 - level))-th worst, a positive number.

    Parameters
    ----------
    returns : (..., n) array
        One series or many; the loss has the shape of what is before n.
    """
    return -np.sort(returns, axis=-1)[..., tail_count(returns.shape[-1], level) - 1]


def expected_shortfall(returns: np.ndarray, level: float) -> np.ndarray:
    """Mean loss over the worst 1 - level of the returns, the last of them counted in part (Acerbi & Tasche 2002).

    Parameters and shape as `value_at_risk`.
    """
    worst = np.sort(returns, axis=-1)[..., : tail_count(returns.shape[-1], level)]
    return -(worst @ _tail(returns.shape[-1], level))


def tail_count(n: int, level: float) -> int:
    """Number of returns in the tail."""
    return max(int(np.ceil(n * (1 - level) - 1e-9)), 1)


def tail_weights(returns: np.ndarray, level: float) -> np.ndarray:
    """Weight of each return in the expected shortfall, summing to one, (n,)."""
    tail = _tail(len(returns), level)
    weights = np.zeros(len(returns))
    weights[np.argsort(returns, kind="stable")[: len(tail)]] = tail
    return weights


def _tail(n: int, level: float) -> np.ndarray:
    """Weights of the worst return, the next, ..., the last of the tail."""
    mass, whole = n * (1 - level), tail_count(n, level)
    return np.append(np.full(whole - 1, 1 / mass), 1 - (whole - 1) / mass)
