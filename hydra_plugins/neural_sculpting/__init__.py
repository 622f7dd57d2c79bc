"""A sweeper and a launcher for Hydra that run jobs which differ only in ``seed`` and steps as one batch.

Hydra imports the modules of this package at every start, those with a leading underscore excepted: the work is
in these, imported when a sweep begins.
"""
