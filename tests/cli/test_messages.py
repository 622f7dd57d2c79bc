import pytest
from hydra.errors import ConfigCompositionException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from neural_sculpting.config.messages import one_line
from neural_sculpting.errors import UserError


def test_a_users_mistake_is_one_line_already() -> None:
    assert one_line(UserError("seed=-1: must be larger")) == "seed=-1: must be larger"


def test_an_option_that_is_missing_comes_with_those_there_are() -> None:
    text = "Could not find 'hydra/launcher/foo'\n\nAvailable options in 'hydra/launcher':\n\tbatch\n\tbasic"
    error = MissingConfigException(text, "hydra/launcher/foo", ["batch", "basic"])
    assert one_line(error) == "hydra/launcher=foo: no such option; available: basic, batch"


def test_what_cannot_be_parsed_is_shown() -> None:
    error = OverrideParseException("a=[1", "mismatched input\nSee https://hydra.cc/docs for details")
    assert one_line(error) == "a=[1: cannot be read (mismatched input)"


def test_a_value_that_cannot_be_resolved_comes_with_its_key() -> None:
    with pytest.raises(OmegaConfBaseException) as caught:
        OmegaConf.to_container(OmegaConf.create({"training": {"lr": "${there}"}}), resolve=True)
    assert one_line(caught.value) == "training.lr: Interpolation key 'there' not found"


def test_many_lines_become_one() -> None:
    text = "First.\n\tSecond.\nSearch path:\n\tprovider=main"
    assert one_line(ConfigCompositionException(text)) == "First. Second."


def test_an_error_without_words_is_named() -> None:
    assert one_line(ConfigCompositionException()) == "ConfigCompositionException"
