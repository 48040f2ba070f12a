"""Net asset value: its parts, sum of parts, implied figures, Monte Carlo, scenarios and caveats."""
