"""Text and addresses in HTML, escaped."""

from html import escape
from urllib.parse import urlsplit

from k2stats.render.numbers import printable


def safe_text(value: object) -> str:
    """Return `value` as text that HTML shows as it is.

    Examples
    --------
    >>> safe_text("<script>alert(1)</script>")
    '&lt;script&gt;alert(1)&lt;/script&gt;'
    """
    return escape(printable(str(value)))


def is_web_address(address: str) -> bool:
    """Whether `address` is an ``http`` or ``https`` URL with a host.

    Nothing else becomes a link: not ``javascript:``, nor ``data:``, nor an address
    with control characters or blanks, in which a browser may see another scheme.

    Examples
    --------
    >>> is_web_address("https://doi.org/10.1000/182")
    True
    >>> is_web_address("javascript:alert(1)"), is_web_address(" https://a.org")
    (False, False)
    """
    if not address.isprintable() or any(c.isspace() for c in address):
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host)


def link(address: str, text: str = "") -> str:
    """Return a link where `address` is a web address, else its text alone.

    The address itself is the text where none is given, so that it can be read in
    print. A DOI written ``doi:10...`` or ``10...`` links to its resolver.

    Examples
    --------
    >>> link("https://example.org/?a=1&b=2", "page")
    '<a href="https://example.org/?a=1&amp;b=2" rel="noreferrer">page</a>'
    >>> link("javascript:alert(1)")
    'javascript:alert(1)'
    >>> link("doi:10.1000/182")
    '<a href="https://doi.org/10.1000/182" rel="noreferrer">doi:10.1000/182</a>'
    """
    target = address.strip()
    bare = target.removeprefix("doi:").strip()
    if bare.startswith("10.") and "/" in bare:
        target = f"https://doi.org/{bare}"
    shown = safe_text(text or address)
    if not is_web_address(target):
        return shown
    return f'<a href="{escape(target)}" rel="noreferrer">{shown}</a>'
