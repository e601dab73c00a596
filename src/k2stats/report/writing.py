"""Files are written whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path

from k2stats.errors import OutputError


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write `text` as UTF-8 to `path`, in one step; see :func:`write_bytes`."""
    return write_bytes(path, text.encode("utf-8", "replace"))


def write_bytes(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write `content` to `path`, in one step.

    It goes to a new file beside `path`, which then takes its place: a reader sees the
    old file or the new one, never a part, and a failure leaves the old one as it was.

    Parameters
    ----------
    path : path-like
        Its folder must exist. A symbolic link stays one; its target is replaced.
    content : bytes

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If the folder does not exist, `path` is a folder, or writing fails.
    """
    given = Path(path)
    try:
        target = given.resolve()
        if target.is_dir():
            raise OutputError(path=str(given), reason="it is a folder")
        if target.exists() and not target.is_file():
            # A pipe or a device: there is nothing to put in its place.
            target.write_bytes(content)
            return given
        _replace(target, content)
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, OutputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(path=str(given), reason=reason) from error
    return given


def _replace(target: Path, content: bytes) -> None:
    """Write a temporary file in the same folder and move it into place."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        mode = target.stat().st_mode & 0o777 if target.exists() else _default_mode()
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _default_mode() -> int:
    """Return the mode a new file gets from the umask, as ``open`` would give it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
