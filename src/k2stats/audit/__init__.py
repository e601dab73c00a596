"""Claims in, findings out: what holds, under which method, and what is missing."""
