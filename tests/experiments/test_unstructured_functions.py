import pandas as pd
import pytest

from experiments.unstructured.__main__ import FUNCTIONS, SHAPES, Unstructured, claims, name_of, overrides
from neural_sculpting.config.composing import compose
from neural_sculpting.tasks import build_task


def trials(shape, *divided_by_function):
    """Rows of the trials of a shape: whether each divides the inputs, function by function; None for not learned."""
    rows = []
    for seed, of_function in enumerate(divided_by_function):
        learned = [divided for divided in of_function if divided is not None]
        answer = {"answer": all(learned), "rewired_answer": True, "paper_answer": False, "table": False}
        for number, divided in enumerate(of_function):
            status = "sculpted" if divided is not None else "never_learned"
            own = {"divided": divided, "paper_divided": True, "rewired_divided": sum(learned)}
            rows.append({"function_seed": seed, "seed": number, "status": status, **own, **answer})
    return pd.DataFrame(rows).assign(**dict(zip(("n_inputs", "n_outputs", "rows"), shape, strict=True)))


def test_false_claims_by_hand():
    rows = trials((4, 3, 1.0), [True, False, None], [True, True, False], [False, False, False])
    first, *others, every = claims(rows)
    assert [first[name] for name in ("functions", "trials", "learned")] == [3, 9, 8]
    assert [first[name] for name in ("divided", "rewired_divided", "paper_divided")] == [3, 3, 8]
    assert first["divided_rate"] == 3 / 8
    assert first["answer_rate"] == 0
    assert first["rewired_answer_rate"] == 1
    assert first["answer_high"] == pytest.approx(0.5615, abs=1e-4)  # Wilson, 0 of 3
    assert (every["functions"], every["divided"]) == (3, 3)
    assert all(line["functions"] == 0 and pd.isna(line["divided_rate"]) for line in others)


def test_sampled_rows_are_not_among_all():
    rows = pd.concat([trials((6, 3, 0.5), [True]), trials((6, 3, 1.0), [False])])
    found = {(line["n_inputs"], line["rows"]): line["divided"] for line in claims(rows) if line["functions"]}
    assert found.pop((6, 0.5)) == 1
    assert list(found.values()) == [0, 0]


def test_the_page_and_the_list_of_functions():
    study, rows = Unstructured(), trials((4, 3, 1.0), [True, False])
    tables = study.tables(rows)
    text = " ".join("\n".join(study.sections(rows, tables)).split())
    assert "| 4, 3, 100% | 1 | 2 | 2 | 0.500 (0.095–0.905) | 0.500 (0.095–0.905) | 1.000 (0.342–1.000) |" in text
    [line] = tables["functions"].to_dict("records")
    targets = build_task("unstructured", n_inputs=4, n_outputs=3, function_seed=0).training.targets
    bits = f"{int(line['truth_table'], 16):048b}"
    assert [*map(int, bits)] == targets.ravel().astype(int).tolist()


@pytest.mark.parametrize("shape", SHAPES[:1] + SHAPES[-1:], ids=lambda shape: name_of(*shape))
def test_every_sweep_can_be_composed_and_built(shape):
    config = compose([line for line in overrides(*shape) if "range" not in line])
    task = build_task(config.task.name, **config.task.parameters)
    assert (task.n_inputs, task.n_outputs) == shape[:2]
    assert len(task.training) == shape[2] * 2 ** shape[0]


def test_there_are_as_many_functions_as_promised():
    assert sum(rows == 1 for *_, rows in SHAPES) * FUNCTIONS >= 200
