"""The sheets of what companies are worth: Backlog, NAV, Mining, Scenarios; only where a screen holds it."""
