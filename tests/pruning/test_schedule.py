from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_sculpting.networks.state import Schedule
from neural_sculpting.pruning.schedule import decide, percentage, reject_impossible, start, target

ONE_OF_16 = 6.25


def begun(base: float, step: float, smallest: float) -> Schedule:
    """The schedule of one network when the networks have parted."""
    schedule = start(torch.tensor([base], dtype=torch.float64), float(smallest))
    return reject_impossible(replace(schedule, step=torch.tensor([step], dtype=torch.float64)))


def follow(schedule: Schedule, answers: str) -> tuple[list[float], list[float], bool]:
    """Attempt and decide: the targets that were trained, the step after each decision, whether all answers fitted."""
    targets, steps = [], []
    for answer in answers:
        assert not schedule.finished.item(), f"finished after {targets}"
        targets.append(target(schedule).item())
        schedule = reject_impossible(decide(schedule, torch.tensor([answer == "a"])))
        steps.append(schedule.step.item())
    return targets, steps, schedule.finished.item()


@pytest.mark.parametrize(
    ("base", "step", "smallest", "answers", "targets", "steps"),
    [
        # 16 units, step 25. 100 is rejected without training: the step is halved, 75 + 12.5. Then again: 87.5 + 6.25.
        (0, 25, ONE_OF_16, "aaaar", [25, 50, 75, 87.5, 93.75], [25, 25, 12.5, 6.25, 6.25]),
        # Were that accepted as well, one unit more would be 100: the phase ends without another round.
        (0, 25, ONE_OF_16, "aaaaa", [25, 50, 75, 87.5, 93.75], [25, 25, 12.5, 6.25, 6.25]),
        # Rejected at 75: never back to the schedule, so 50 + 12.5, + 12.5 again and + 12.5; then + 6.25.
        (0, 25, ONE_OF_16, "aaraarr", [25, 50, 75, 62.5, 75, 87.5, 81.25], [25, 25, 12.5, 12.5, 12.5, 6.25, 6.25]),
        # Everything rejected: 40, 20, 10, 6.25 (and not 5).
        (0, 40, ONE_OF_16, "rrrr", [40, 20, 10, 6.25], [20, 10, 6.25, 6.25]),
        # Acceptances after a rejection keep the step: 20, 40, 60, 80. 100 is impossible: 80 + 10, 90 + 6.25.
        (0, 40, ONE_OF_16, "raaaaar", [40, 20, 40, 60, 80, 90, 96.25], [20, 20, 20, 20, 10, 6.25, 6.25]),
        # Steps of one element from the start: the first rejection is the last.
        (0, ONE_OF_16, ONE_OF_16, "aar", [6.25, 12.5, 18.75], [6.25, 6.25, 6.25]),
        # A step smaller than one element: a rejection lifts it to one element, where the next one ends the phase.
        (0, 4, ONE_OF_16, "aarar", [4, 8, 12, 14.25, 20.5], [4, 4, 6.25, 6.25, 6.25]),
        # Edges start from what is pruned already: 40 + 10 i.
        (40, 10, 2, "aararrr", [50, 60, 70, 65, 70, 67.5, 67], [10, 10, 5, 5, 2.5, 2, 2]),
        # 90 + 40, + 20 and + 10 are impossible: the first attempt is 90 + 5.
        (90, 40, 2, "arr", [95, 97.5, 97], [2.5, 2, 2]),
    ],
)
def test_targets_and_steps_by_hand(base, step, smallest, answers, targets, steps):
    trained, after, finished = follow(begun(base, step, smallest), answers)
    assert trained == pytest.approx(targets, abs=1e-9)
    assert after == pytest.approx(steps, abs=1e-9)
    assert finished


def test_where_nothing_more_can_be_pruned_no_round_is_trained():
    # 99 + 40, + 20, + 10, + 5, + 2.5 and + 2 are all impossible; so is everything where all is pruned.
    assert follow(begun(99, 40, 2), "") == ([], [], True)
    assert follow(begun(100, 2.5, 2), "") == ([], [], True)


def test_percentages_below_100_are_possible():
    assert target(begun(0, 99.9, 50)).item() == 99.9
    assert target(begun(60, 40, 2)).item() == 80  # 100 is not


def test_an_acceptance_is_remembered():
    schedule = begun(40, 10, 2)
    assert not schedule.reached.item()
    rejected = decide(schedule, torch.tensor([False]))
    assert (rejected.reached.item(), rejected.accepted.item(), rejected.attempts.item()) == (False, 40, 0)
    accepted = decide(rejected, torch.tensor([True]))
    assert (accepted.reached.item(), accepted.accepted.item(), accepted.on_schedule.item()) == (True, 45, False)
    assert decide(accepted, torch.tensor([False])).reached.item()


def test_a_rejection_without_training_is_not_an_acceptance_and_leaves_others_alone():
    schedule = Schedule.concatenate([begun(0, 25, 6.25), begun(0, 50, 6.25)])
    for _ in range(3):
        schedule = decide(schedule, torch.tensor([True, False]))
    assert target(schedule).tolist() == [100, 6.25]
    result = reject_impossible(schedule)
    assert target(result).tolist() == [87.5, 6.25]
    assert result.reached.tolist() == [True, False]
    assert result.finished.tolist() == [False, False]
    assert schedule.step.tolist() == [25, 6.25]  # the argument is not changed


def test_a_share_of_edges_as_a_percentage():
    assert percentage(torch.tensor([0, 48, 192]), 192).tolist() == [0.0, 25.0, 100.0]


def by_the_book(base: float, step: float, smallest: float, answers: str) -> tuple[list[float], bool]:
    """The loop of the paper, attempt by attempt, for one network: the targets that it trains, and whether it ended."""
    answer, trained = iter(answers), []
    accepted, attempt, on_schedule = base, 0, True
    while True:
        goal = base + step * (attempt + 1) if on_schedule else accepted + step
        if goal < 100:
            trained.append(goal)
            reply = next(answer, None)
            if reply is None:
                return trained[:-1], False
        if goal < 100 and reply == "a":
            accepted, attempt = goal, attempt + on_schedule
            continue
        if step == smallest:
            return trained, True
        on_schedule, step = False, max(step / 2, smallest)


@given(
    st.floats(0, 100),
    st.floats(0.1, 99.9),
    st.sampled_from([100 / 7, 100 / 24, 100 / 192, 100 / 1500]),
    st.text("ar", max_size=25),
)
def test_any_sequence_of_answers_goes_by_the_book(base, step, smallest, answers):
    targets, finished = by_the_book(base, step, smallest, answers)
    trained, _, ended = follow(begun(base, step, smallest), answers[: len(targets)])
    assert trained == targets
    assert ended is finished


some_network = st.tuples(st.floats(0, 99), st.floats(0.1, 99.9), st.text("ar", min_size=8, max_size=8))


@settings(max_examples=40)
@given(st.lists(some_network, min_size=2, max_size=4))
def test_every_network_has_a_schedule_of_its_own(networks):
    together = Schedule.concatenate([begun(base, step, 4.0) for base, step, _ in networks])
    alone = [begun(base, step, 4.0) for base, step, _ in networks]
    for attempt in range(8):
        accepted = torch.tensor([answers[attempt] == "a" for _, _, answers in networks])
        together = reject_impossible(decide(together, accepted))
        alone = [reject_impossible(decide(each, accepted[[n]])) for n, each in enumerate(alone)]
        running = ~together.finished
        assert together.finished.equal(torch.cat([each.finished for each in alone]))
        assert target(together)[running].equal(torch.cat([target(each) for each in alone])[running])
