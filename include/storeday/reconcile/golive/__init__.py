"""On the way into production: what went through the stand-in Sage, what was keyed by hand, the first month."""
