"""What a function says about its hierarchy: bound sets, the hierarchy that they form, and what stays open."""
