import pandas as pd
import pytest
from user_errors import message_of

from experiments.precision.__main__ import CRITERIA, MEASURES, PRECISIONS, SWEEPS, Precision, compare
from neural_sculpting.config.composing import compose
from neural_sculpting.scoring.rates import paired_difference, wilson_interval


def trials(**exact_by_precision):
    rows = [
        {
            "precision": precision,
            "task": "digits_pair",
            "layers": "128-32-32-20",
            "seed": seed,
            **dict.fromkeys(CRITERIA, exact),
            **dict.fromkeys(MEASURES, 0.5),
            "input_agreement": 0.9 if exact else 0.89,
            "edges": 100 + 10 * seed + (precision == "bf16") * (2 + 2 * seed),
        }
        for precision, outcomes in exact_by_precision.items()
        for seed, exact in enumerate(outcomes)
    ]
    return pd.DataFrame(rows)


def test_rates_are_compared_on_the_same_trials():
    table = compare(trials(fp32=[1, 1, 0, 0, 1], bf16=[1, 0, 1, 1, 1])).set_index("measure")
    line = table.loc["exact"]
    assert (line["trials"], line["fp32"], line["bf16"]) == (5, 0.6, 0.8)
    assert (line["fp32_low"], line["fp32_high"]) == wilson_interval(3, 5)
    expected = paired_difference(both=2, only_first=2, only_second=1, neither=0)
    assert (line["difference"], line["low"], line["high"]) == pytest.approx(
        (expected.difference, expected.low, expected.high)
    )
    assert line["difference"] == pytest.approx(0.2)
    assert table.loc["input_agreement_0.9", ["fp32", "bf16"]].tolist() == pytest.approx([0.6, 0.8])


def test_means_are_compared_on_the_same_trials():
    # Differences of the edges: 2, 4 and 6, whose standard deviation is 2; t(0.975, 2) = 4.3027, so ± 4.968.
    line = compare(trials(fp32=[1, 1, 0], bf16=[1, 1, 0])).set_index("measure").loc["edges"]
    assert (line["fp32"], line["bf16"], line["difference"]) == pytest.approx((110, 114, 4))
    assert (line["low"], line["high"]) == pytest.approx((-0.968, 8.968), abs=1e-3)


def test_a_trial_in_one_precision_alone_is_an_error():
    message = message_of(compare, trials(fp32=[1, 1], bf16=[1]))
    assert message.startswith("digits_pair: has trials in one precision only; --run resumes")


def test_the_page_shows_both():
    rows = trials(fp32=[1, 1, 0], bf16=[1, 1, 0])
    text = "\n".join(Precision().sections(rows, Precision().tables(rows)))
    assert "## `digits_pair`, two hidden layers, 3 trials in both" in text
    assert "| edges" in text
    assert "+4 (-1 to +9)" in text


@pytest.mark.parametrize(("experiment", "precision"), list(zip(SWEEPS, PRECISIONS, strict=True)))
def test_every_sweep_can_be_composed(experiment, precision):
    lines = [line.split(",[")[0] for line in SWEEPS[experiment]]
    first = [line.split(",")[0] if line.startswith(("seed=", "trainer.precision=")) else line for line in lines]
    here = ["task.source=digits", f"trainer.precision={precision}"]  # MNIST may not be on this machine
    config = compose([*first, *here])
    assert (config.task.name, config.trainer.precision) == (experiment, precision)
    assert len(config.arch.hidden) == 2
