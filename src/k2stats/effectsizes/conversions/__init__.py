"""Conversions between effect sizes, tests, tables and summaries."""
