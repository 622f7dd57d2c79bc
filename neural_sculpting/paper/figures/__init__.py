"""The figures of the paper, from the rows of a sweep."""
