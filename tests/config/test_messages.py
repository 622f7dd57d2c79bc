import pytest
from hydra.errors import ConfigCompositionException, HydraException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import ConfigKeyError

from neural_sculpting.config.messages import composing, one_line
from neural_sculpting.errors import UserError


def caused(error: HydraException, cause: Exception) -> HydraException:
    error.__cause__ = cause
    return error


def unknown(key: str) -> ConfigKeyError:
    error = ConfigKeyError(f"Key '{key}' is not in struct")
    error.full_key, error.msg = key, str(error)
    return error


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UserError("seed=-1: must be larger"), "seed=-1: must be larger"),
        (
            OverrideParseException("a=[1", "mismatched input\nSee https://hydra.cc/docs for details"),
            "a=[1: cannot be read (mismatched input)",
        ),
        (OverrideParseException("seed", "missing EQUAL"), "seed: must have the form key=value"),
        (ConfigCompositionException("First.\n\tSecond.\nSearch path:\n\tprovider=main"), "First."),
        (ConfigCompositionException(), "ConfigCompositionException"),
        (
            ConfigCompositionException("Ambiguous value for argument 'a.b=1,2'\n1. To use it as a list, use key=[…]"),
            "a.b=1,2: has several values; must have one, or a list such as [1,2] (-m on the command line sweeps)",
        ),
        (
            ConfigCompositionException("Sweep parameters 'a=range(3)' requires --multirun"),
            "a=range(3): has several values; must have one, or a list such as [1,2] (-m on the command line sweeps)",
        ),
        (
            caused(ConfigCompositionException("Could not override 'analysis.x'."), unknown("analysis.x")),
            "analysis.x: unknown key; analysis allows reader, hops, merging_threshold, modularity_threshold",
        ),
        (
            caused(ConfigCompositionException("Could not override 'hydra.x'."), unknown("hydra.x")),
            "hydra.x: Key 'hydra.x' is not in struct",
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_an_error_is_one_line(error: Exception, line: str) -> None:
    assert one_line(error) == line


def test_a_value_that_cannot_be_resolved_comes_with_its_key() -> None:
    with pytest.raises(Exception, match="Interpolation key") as caught:
        OmegaConf.to_container(OmegaConf.create({"training": {"lr": "${there}"}}), resolve=True)
    assert isinstance(caught.value, Exception)
    assert one_line(caught.value) == "training.lr: Interpolation key 'there' not found"


@pytest.mark.parametrize(
    ("words", "missing", "line"),
    [
        (["hydra/launcher=foo"], "hydra/launcher/foo", "hydra/launcher=foo: no such option; available: basic, batch"),
        (["task=../x"], "task/../x", "task=../x: no such option; available: basic, batch"),
        (["experiment=mine"], "task/foo", "task=foo: no such option; available: basic, batch"),
    ],
)
def test_an_option_that_is_missing_comes_with_those_there_are(words: list[str], missing: str, line: str) -> None:
    with pytest.raises(UserError) as caught, composing(words):
        raise MissingConfigException("Could not find it", missing, ["batch", "basic"])
    assert str(caught.value) == line
