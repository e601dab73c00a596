"""How often each interval covers what it should: simulations beside their tables."""
