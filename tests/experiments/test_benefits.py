"""Tasks, masks, training and measures of the study of benefits, by hand; and a small run of it."""

import numpy as np
import pandas as pd
import pytest
import torch

from experiments.benefits import __main__ as study
from experiments.benefits import measured
from experiments.benefits.cases import SHAPES, draw_case
from experiments.benefits.comparison import by_task, chosen, differences, sign_flip
from experiments.benefits.masks import Found, blocks, count, missing, narrow, oracle, shuffled
from experiments.benefits.measured import seen_rows
from experiments.benefits.training import NEVER, started, train
from neural_sculpting.networks.layout import Layout
from neural_sculpting.networks.streams import start_parameters
from neural_sculpting.nulls.rewired import rewired
from neural_sculpting.training.round import RoundSettings


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_task_has_its_shape_and_shares_the_first_level_with_its_sibling(shape):
    case, sibling = draw_case(shape, 3)
    assert [len(level) for level in case.levels] == list(shape[1:])
    for below, level in zip(shape, case.levels, strict=False):
        assert {node for read in level for node in read} == {*range(below)}
        assert {len(read) for read in level} == {max(2, -(-below // len(level)))}
    assert sibling.levels == case.levels
    if len(shape) > 2:
        assert all((one == two).all() for one, two in zip(case.tables[0], sibling.tables[0], strict=True))
    own, other = (each.graph.truth_table()[1].T for each in (case, sibling))
    assert not any((one == two).all() or (one != two).all() for one in own for two in other)
    assert ((own.mean(axis=1) >= 0.25) & (own.mean(axis=1) <= 0.75)).all()
    again, _ = draw_case(shape, 3)
    assert (own == again.graph.truth_table()[1].T).all()


def test_masks_of_the_truth_and_their_control():
    case, _ = draw_case((6, 2), 0)
    masks = oracle(case, (6, 4, 2))
    assert masks[0].astype(int).tolist() == [[1, 1, 0, 0]] * 3 + [[0, 0, 1, 1]] * 3
    assert masks[1].astype(int).tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
    assert (count(masks), missing(masks, case)) == (16, 0)
    for seed in range(5):
        control = shuffled(masks, case, seed)
        assert missing(control, case) > 0  # no order keeps a block of three together
        assert sorted(map(tuple, control[0].tolist())) == sorted(map(tuple, masks[0].tolist()))
        assert (control[1] == masks[1]).all()


def test_controls_keep_what_they_promise():
    case, _ = draw_case((6, 3, 2, 2), 0)
    masks = oracle(case, (6, 12, 12, 12, 2))
    for one, other in zip(masks, rewired(masks, 0), strict=True):
        assert (one.sum(axis=0) == other.sum(axis=0)).all()
        assert (one.sum(axis=1) == other.sum(axis=1)).all()
    kept = [int(mask.any(axis=0).sum()) for mask in narrow((2, 4, 2), 9)]
    assert kept == [2, 2]  # 8 edges; three units have 12
    assert count(narrow((2, 4, 2), 11)) == 12


def test_modules_share_a_layer_and_are_connected_where_an_edge_is_left():
    masks = [np.zeros((3, 4), dtype=bool), np.zeros((4, 2), dtype=bool)]
    masks[0][[0, 1, 2], [1, 1, 2]] = True
    masks[1][[1, 2], [0, 1]] = True
    modules = [np.array([0, 0, 1]), np.array([-1, 0, 1, -1]), np.array([0, 1])]
    first, last = blocks(Found(masks, modules, True))
    assert first.astype(int).tolist() == [[1, 1, 0, 0]] * 2 + [[0, 0, 1, 1]]
    assert last.astype(int).tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]


def test_weights_are_scaled_by_the_edges_that_a_unit_has():
    layout = Layout((2, 2, 1))
    edges = np.array([[True, True, False, True, True, True], [True] * 6])
    parameters, masks = started(layout, edges, [7, 7])
    dense = start_parameters([7], layout)[0]
    assert torch.equal(parameters[1], dense)
    expected = torch.stack([dense[0] * 2**0.5, dense[1], torch.tensor(0.0), dense[3]])  # one edge of two, and both
    torch.testing.assert_close(parameters[0, :4], expected)
    assert masks[0].tolist() == [1, 1, 0, 1, 1, 1, 1, 1, 1]


def trained(targets, counts, epochs=60, seeds=(0, 1)):
    layout = Layout((2, 8, 1))
    parameters, masks = started(layout, np.ones((len(seeds), layout.edges), dtype=bool), seeds)
    rows = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    settings = RoundSettings(lr=0.1, batch_size=4, epochs=epochs, input_noise=0.0, weight_decay=0.0)
    shown = torch.tensor(counts).view(1, 4, 1).repeat(len(seeds), 1, 1)
    return train(layout, parameters, masks, rows, torch.tensor(targets).view(4, 1), shown, settings)


def test_rows_that_are_not_learned_have_no_influence():
    one, other = (trained([0.0, 1.0, 1.0, last], [1.0, 1.0, 1.0, 0.0]) for last in (0.0, 1.0))
    assert torch.equal(one.parameters, other.parameters)
    assert torch.equal(one.learned, other.learned)
    assert (one.correct[:, 3] != other.correct[:, 3]).all()
    assert (one.learned > 0).all()
    assert one.correct[:, :3].all()
    untrained = trained([0.0, 1.0, 1.0, 0.0], [1.0] * 4, epochs=0)
    right = untrained.correct.flatten(1).all(dim=1)
    assert untrained.learned.tolist() == [0 if each else NEVER for each in right]


def test_rows_of_a_smaller_share_are_among_those_of_a_larger():
    case, _ = draw_case((6, 2), 0)
    few, more = seen_rows(case, 0.1, 5), seen_rows(case, 0.5, 5)
    assert (few.sum(), more.sum(), seen_rows(case, 1.0, 5).sum()) == (6, 32, 64)
    assert (few <= more).all()


def rows(**columns) -> pd.DataFrame:
    base = {"shape": "6-2-2", "task_seed": 1000, "arm": "found", "share": 1.0, "seed": range(4), "edges": 9}
    measures = {"missing": 0, "right": 1, "epochs": 10, "learned": 1, "kept": 1.0, "later_epochs": 5, "unseen": np.nan}
    return pd.DataFrame({**base, **measures, **columns})


def test_censored_epochs_count_in_full_and_what_was_not_learned_is_not_kept():
    whole = rows(epochs=[10, 20, 30, 500], learned=[1, 1, 1, 0], kept=[1.0, 0.5, 0.75, 0.0])
    some = pd.concat([rows(share=0.1, unseen=[0.5, 0.7, 0.5, 0.7]), rows(share=0.5, unseen=[0.8] * 4).head(1)])
    [line] = by_task(pd.concat([whole, some])).to_dict("records")
    assert [line[name] for name in ("epochs", "learned", "kept", "able")] == [140, 0.75, 0.75, 1]
    assert line["unseen"] == pytest.approx((0.6 + 0.8) / 2)
    [line] = by_task(pd.concat([whole, some]).assign(shape="6-2")).to_dict("records")
    assert np.isnan(line["kept"])


def test_settings_are_those_that_are_best_for_a_family_on_tuning_tasks():
    def of(arm, lr, **measures):
        return rows(task_seed=0, arm=arm, lr=lr, weight_decay=0.0, **measures)

    table = [
        *(of("dense", lr, epochs=epochs) for lr, epochs in ((0.01, 40), (0.1, 20))),
        *(of("narrow", lr, epochs=epochs) for lr, epochs in ((0.01, 10), (0.1, 40))),
        *(of("dense", lr, unseen=unseen, share=0.5) for lr, unseen in ((0.01, 0.7), (0.1, 0.9))),
        of("dense", 0.1, epochs=1).assign(task_seed=2000),
    ]
    assert chosen(pd.concat(table)) == {
        **{("dense", 1): (0.01, 0.0), ("narrow", 1): (0.01, 0.0)},  # means of 25 and 30
        ("dense", 0): (0.1, 0.0),
    }


def test_differences_are_of_the_same_tasks():
    tasks = [("6-2-2", 1000, 0.9, 0.6), ("6-2-2", 1001, 0.8, 0.9), ("6-2", 1000, 1.0, 0.1), ("6-2-2", 1002, 0.7, None)]
    lines = [
        {"shape": shape, "task_seed": seed, "arm": arm, "unseen": value, "epochs": 1, "kept": 1.0}
        for shape, seed, *values in tasks
        for arm, value in zip(("found", "shuffled"), values, strict=True)
    ]
    line = differences(pd.DataFrame(lines)).set_index("measure").loc["unseen"]
    assert (line["tasks"], line["better"], line["worse"]) == (2, 1, 1)
    assert line["difference"] == pytest.approx(0.1)
    assert (line["difference_low"], line["difference_high"]) == (pytest.approx(-0.1), pytest.approx(0.3))


def test_signs_are_flipped():
    assert sign_flip(np.array([1.0, 2.0, 3.0])) == pytest.approx(0.25, abs=0.02)  # two of eight
    assert sign_flip(np.array([1.0, -1.0])) == pytest.approx(1.0)
    assert sign_flip(np.array([])) == 1


@pytest.fixture
def small(monkeypatch):
    values = {"SHAPES": ((6, 2),), "TUNING": (0,), "REPORTED": (2000,), "TUNING_SEEDS": (100,), "SEEDS": (0,)}
    for name, value in {**values, "SHARES": (0.5, 1.0), "TUNING_SHARES": (0.5, 1.0), "RATES": (0.03,)}.items():
        monkeypatch.setattr(study, name, value)
    monkeypatch.setattr(measured, "EPOCHS", 40)


@pytest.mark.slow
def test_a_small_run_resumes_and_gives_the_same_again(tmp_path, monkeypatch, small):
    first, second = (study.Benefits(tmp_path / name) for name in ("first", "second"))
    first.refresh([])
    second.refresh([])
    found, _ = first.read()
    pd.testing.assert_frame_equal(found, second.read()[0])
    assert {*found["task_seed"]} == {0, 2000}
    reported = found[found["task_seed"] == 2000]
    assert {*reported["arm"]} == {*measured.ARMS, *measured.NOT_TRAINED}
    assert reported.loc[reported["share"].eq(0.5), "unseen"].between(0, 1).all()
    networks = reported[reported["share"].eq(1)].set_index("arm")
    assert networks["epochs"].max() == 40
    assert networks.loc["dense", "edges"] == 192
    assert (first.folder / "README.md").read_text().count("### 6-2") == 1
    monkeypatch.setattr(study, "rows_of", lambda *_: pytest.fail("is computed again"))
    first.refresh([])
