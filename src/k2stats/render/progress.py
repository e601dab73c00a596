"""A progress bar for what takes longer than one waits gladly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

PATIENCE = 1.0
"""Seconds before the bar appears."""


@contextmanager
def progress_bar(
    verb: str, total: int, *, patience: float = PATIENCE
) -> Iterator[Callable[[str], None]]:
    """Show a bar on standard error once `patience` has passed, on a terminal alone.

    Parameters
    ----------
    verb : str
        What is being done, e.g. ``"Auditing"``.
    total : int
        How many things it is done to.
    patience : float
        Seconds.

    Yields
    ------
    callable
        To be called with the name of each thing before it is done.

    Examples
    --------
    >>> with progress_bar("Counting", 2) as begin:
    ...     begin("one")
    ...     begin("two")
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_interactive:
        yield lambda name: None
        return
    bar = Progress(console=console, transient=True)
    task = bar.add_task(verb, total=total)
    begun = -1

    def begin(name: str) -> None:
        nonlocal begun
        begun += 1
        bar.update(task, completed=begun, description=f"{verb} {name}")

    timer = Timer(patience, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield begin
    finally:
        # Joined, so that the bar cannot start after it was stopped.
        timer.cancel()
        timer.join()
        bar.stop()
