"""Text of several lines that a notebook shows as it is."""

from html import escape


class ShownText(str):
    """Text that is shown without quotes, line by line, where it is a notebook's result."""

    __repr__ = str.__str__

    def _repr_html_(self) -> str:
        return f'<pre style="line-height:1.2">{escape(self)}</pre>'
