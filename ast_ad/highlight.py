"""Source as HTML, for notebooks: highlighted with pygments where that is installed, else plain."""

from __future__ import annotations

import html


def highlighted(title: str, source: str) -> str:
    """Return a title and source text as HTML.

    >>> highlighted("<f>", "x = 1")[:20]
    '<p><code>&lt;f&gt;</'
    """
    try:
        import pygments
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer
    except ImportError:
        body = f"<pre>{html.escape(source)}</pre>"
    else:
        body = pygments.highlight(source, PythonLexer(), HtmlFormatter(noclasses=True))
    return f"<p><code>{html.escape(title)}</code></p>{body}"
