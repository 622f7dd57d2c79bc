"""Found against expected (``success``), and rates over trials with intervals (``rates``).

Import from the files: scoring one network should not have to load pandas.
"""
