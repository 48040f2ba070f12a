"""Settings read from files, typed: assumptions, limits, alerts."""
