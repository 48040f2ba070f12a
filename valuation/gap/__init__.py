"""The valuation gap between AI-exposed and other miners: estimate, tests, specifications, history."""
