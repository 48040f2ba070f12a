"""Parts of the point-in-time view: the rule, rolled-forward balances, lists of rows, flows and markets."""
