from dataclasses import replace

from neural_sculpting.records.selected_trials import selected_trials_of


def with_settings(record, **settings):
    """The same trials with other settings of training."""
    training = record.config.training.model_copy(update=settings)
    return replace(record, config=record.config.model_copy(update={"training": training}))


def test_one_row_for_each_trial(record):
    answers = selected_trials_of([record])
    assert list(answers["seed"]) == [4, 0, 2]
    assert list(answers["network"]) == list(record.selected_trials["network"])
    assert set(answers["title"]) == {"boolean_sep"}
    assert set(answers["group"]) == {0}


def test_groups_that_differ_in_a_setting(record):
    answers = selected_trials_of([record, with_settings(record, input_noise=0.2)])
    assert len(answers) == 6
    assert list(answers["training.input_noise"]) == [0.1, 0.2] * 3  # in the order of their jobs
    assert list(answers["group"]) == [0, 1] * 3


def test_a_trial_that_stands_there_twice_counts_once(record):
    assert list(selected_trials_of([record, record])["group"]) == [0, 0, 0]
