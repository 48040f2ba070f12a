"""Yahoo Finance through the unmodified yfinance client; `source` is its entry in the registry."""
