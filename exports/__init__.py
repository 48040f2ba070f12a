"""What people read: exports of a `valuation.screen.Screen`."""
