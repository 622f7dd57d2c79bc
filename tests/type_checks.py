"""The checker behind the hook of conftest.py. As type checkers do, it takes whole numbers where floats are asked for."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
