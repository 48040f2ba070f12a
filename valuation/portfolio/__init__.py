"""A portfolio: positions at market, look-through, risk, stress, limits."""
