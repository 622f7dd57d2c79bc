"""The checker behind the hook of conftest.py: it takes whole numbers where floats are asked for, as others do."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
