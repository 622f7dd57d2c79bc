"""The schedule of attempts: worked out by hand, and properties for any answers."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_sculpting.networks.state import Schedule
from neural_sculpting.pruning.schedule import decide, next_stage, reject_impossible, start, target

ONE_OF_16 = 6.25


def forked(base: float, step: float, smallest: float, **options: Any) -> Schedule:
    """The schedule of one network after the fork by steps."""
    schedule = start(torch.tensor([base], dtype=torch.float64), float(smallest), **options)
    return replace(schedule, step=torch.tensor([step], dtype=torch.float64))


def begun(base: float, step: float, smallest: float, **options: Any) -> Schedule:
    """The same before its first possible attempt."""
    return reject_impossible(forked(base, step, smallest, **options))


def follow(
    schedule: Schedule, answers: str, tail: int = 0, least: torch.Tensor | None = None
) -> tuple[list[float], list[Schedule]]:
    """Attempt and decide; return the trained targets, and the schedule before and after each decision."""
    targets, schedules = [], [schedule]
    for answer in answers:
        assert not schedule.finished.item(), f"finished after {targets}"
        targets.append(target(schedule).item())
        schedule = reject_impossible(decide(schedule, torch.tensor([answer == "a"]), tail, least))
        schedules.append(schedule)
    return targets, schedules


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
    trained, [_, *after] = follow(begun(base, step, smallest), answers)
    assert trained == pytest.approx(targets, abs=1e-9)
    assert [schedule.step.item() for schedule in after] == pytest.approx(steps, abs=1e-9)
    assert after[-1].finished


@pytest.mark.parametrize(
    ("start_of", "options", "answers", "targets"),
    [
        # A quarter of what is left: 25, + 18.75, + 14.0625; then an eighth of 56.25, and one of 16 units.
        ((0, 25, ONE_OF_16), {"geometric": True}, "aarrr", [25, 43.75, 57.8125, 50.78125, 50]),
        # Half of what is left; of the last two units one is half, and the last one is impossible.
        ((75, 50, ONE_OF_16), {"geometric": True}, "aa", [87.5, 93.75]),
        # 75 is beyond the limit, and so is 62.5: rejected without training.
        ((0, 25, ONE_OF_16), {"limit": 60}, "aaa", [25, 50, 56.25]),
        # A limit is what the phase itself may prune, and may be reached.
        ((40, 10, 2), {"limit": 20}, "aa", [50, 60]),
    ],
)
def test_options_by_hand(start_of, options, answers, targets):
    trained, schedules = follow(begun(*start_of, **options), answers)
    assert trained == pytest.approx(targets, abs=1e-9)
    assert schedules[-1].finished


def test_in_a_tail_so_many_elements_in_a_row_are_rejected():
    trained, schedules = follow(begun(0, ONE_OF_16, ONE_OF_16), "rrarrr", tail=3)
    assert trained == [6.25, 6.25, 6.25, 12.5, 12.5, 12.5]
    assert [each.skipped.item() for each in schedules] == [0, 1, 2, 0, 1, 2, 3]
    assert [bool(each.finished) for each in schedules] == [False] * 6 + [True]


def test_a_rejection_after_the_last_halving_ends_the_stage():
    least = torch.tensor([10.0])  # 40, halved twice
    trained, schedules = follow(begun(0, 40, ONE_OF_16), "arrar", least=least)
    assert trained == [40, 80, 60, 50, 60]  # the step of 10 is accepted once, and then rejected
    assert [bool(each.finished) for each in schedules] == [False] * 5 + [True]


def test_a_stage_inherits_how_many_elements_may_be_pruned():
    """30 of 50 elements in all: the first stage, of 10, prunes 8; the next one, of all 50, begins there, at 16 %."""
    first = forked(0, 40, 10, limit=300)
    _, [*_, over] = follow(reject_impossible(first), "aar", tail=0)
    assert over.accepted.item() == 80
    later = next_stage(over, torch.tensor([16.0]), 2.0, torch.tensor([40.0], dtype=torch.float64))
    assert (later.stage.item(), later.limit.item()) == (1, pytest.approx(60))
    trained, _ = follow(reject_impossible(later), "a")
    assert trained == [56]


def by_the_book(base: float, step: float, smallest: float, answers: str) -> tuple[list[float], bool]:
    """The loop of the paper for one network: the trained targets, and whether it finished."""
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


# One unit of one, seven and 24; one edge of 192 and 1500. A phase over a single element can prune nothing.
SMALLEST = st.sampled_from([100.0, 100 / 7, 100 / 24, 100 / 192, 100 / 1500])
BASES = st.one_of(st.just(0.0), st.just(100.0), st.floats(0, 100))
STEPS = st.one_of(st.sampled_from([70.0, 2.5, 100.0]), st.floats(0.05, 100))
ANSWERS = st.one_of(st.sampled_from(["r" * 30, "a" * 30]), st.text("ar", max_size=30))


@settings(max_examples=settings().max_examples * 4)
@given(BASES, STEPS, SMALLEST, ANSWERS)
def test_any_sequence_of_answers_matches_the_loop_of_the_paper(base, step, smallest, answers):
    targets, finished = by_the_book(base, step, smallest, answers)
    answers = answers[: len(targets)]
    trained, schedules = follow(begun(base, step, smallest), answers)
    assert trained == targets
    assert schedules[-1].finished.item() is finished
    accepted = [goal for goal, answer in zip(targets, answers, strict=True) if answer == "a"]
    assert (schedules[-1].accepted.item(), schedules[-1].reached.item()) == ([base, *accepted][-1], bool(accepted))


def test_a_share_of_one_element_that_is_rounded_up_is_still_the_smallest():
    """100 / 107 times 100 / 100 is a bit more than 100 / 107, which made this go on for ever."""
    assert begun(0, 50, 100 / 107, limit=0.001, geometric=True).finished.item()


@given(st.lists(st.tuples(BASES, STEPS, SMALLEST), min_size=1, max_size=4), st.data())
def test_rejecting_the_impossible_leaves_only_what_is_possible(networks, data):
    schedule = Schedule.concatenate([forked(*network) for network in networks])
    once = reject_impossible(schedule)
    assert (once.finished | (target(once) < 100)).all()
    assert once.accepted.equal(schedule.accepted)
    twice = reject_impossible(once)
    assert all(getattr(once, name).equal(getattr(twice, name)) for name in ("step", "on_schedule", "finished"))
    order = torch.tensor(data.draw(st.permutations(range(len(networks)))))
    assert reject_impossible(schedule.take(order)).step.equal(once.step[order])


@given(st.lists(st.tuples(st.floats(0, 99), st.floats(0.1, 99.9), st.text("ar", min_size=8)), min_size=2, max_size=4))
def test_schedules_of_networks_are_independent(networks):
    alone = [begun(base, step, 4.0) for base, step, _ in networks]
    together = Schedule.concatenate(alone)
    for attempt in range(8):
        accepted = torch.tensor([answers[attempt] == "a" for _, _, answers in networks])
        together = reject_impossible(decide(together, accepted))
        alone = [reject_impossible(decide(each, accepted[[n]])) for n, each in enumerate(alone)]
        running = ~together.finished
        assert together.finished.equal(torch.cat([each.finished for each in alone]))
        assert target(together)[running].equal(torch.cat([target(each) for each in alone])[running])
