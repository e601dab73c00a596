"""The ``k2stats`` command.

Exit codes: 0 when everything asked for was evaluated, 2 on bad input, which is named
in one line on standard error. What is heavy is imported inside the commands.
"""

from k2stats.cli import findings, numbers, pooling, sensitivity
from k2stats.cli._app import app

__all__ = ["app", "findings", "main", "numbers", "pooling", "sensitivity"]


def main() -> None:
    """Run the command line."""
    app()
