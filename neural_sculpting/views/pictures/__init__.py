"""Networks and hierarchies as SVG."""
