"""Arrays in, arrays out: intervals, tails of distributions, roots, searches."""
