"""k2stats: printed numbers as typed evidence."""

__version__ = "0.1.0"
