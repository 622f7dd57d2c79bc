"""The errors that users see, as text."""

from collections.abc import Callable

import pytest

from neural_sculpting.errors import UserError


def message_of(function: Callable[..., object], /, *arguments: object, **parameters: object) -> str:
    """The one line with which a call is refused."""
    with pytest.raises(UserError) as caught:
        function(*arguments, **parameters)
    assert "\n" not in str(caught.value)
    return str(caught.value)
