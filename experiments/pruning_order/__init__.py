"""In which order to prune: units or edges first, single edges or groups, with one allowance or two."""
