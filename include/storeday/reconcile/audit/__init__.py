"""The month's proof: every store-day and its state, tills against Sage, and all that persons decided, as one audit."""
