"""The schedule of attempts: worked out by hand, and what holds whichever attempts are accepted."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, log2

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_sculpting.networks.state import Schedule
from neural_sculpting.pruning.schedule import decide, percentage, reject_impossible, start, target

ONE_OF_16 = 6.25


def forked(base: float, step: float, smallest: float) -> Schedule:
    """The schedule of one network when the networks have forked by step."""
    schedule = start(torch.tensor([base], dtype=torch.float64), float(smallest))
    return replace(schedule, step=torch.tensor([step], dtype=torch.float64))


def begun(base: float, step: float, smallest: float) -> Schedule:
    """The same, before its first possible attempt."""
    return reject_impossible(forked(base, step, smallest))


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


# One unit of one, seven and 24; one edge of 192 and 1500. A phase over a single element can prune nothing.
SMALLEST = st.sampled_from([100.0, 100 / 7, 100 / 24, 100 / 192, 100 / 1500])
BASES = st.one_of(st.just(0.0), st.just(100.0), st.floats(0, 100))
STEPS = st.one_of(st.sampled_from([70.0, 2.5, 100.0]), st.floats(0.05, 100))
DECISIONS = st.one_of(st.just([False] * 30), st.just([True] * 30), st.lists(st.booleans(), min_size=30, max_size=30))


@dataclass(frozen=True)
class Course:
    """The schedules of one network: before each attempt, and last the one after the last attempt."""

    schedules: list[Schedule]
    decisions: list[bool]

    @property
    def attempts(self):
        """The schedule before and the one after each attempt, and whether the attempt was accepted."""
        pairs = pairwise(self.schedules)
        return [(before, after, accepted) for (before, after), accepted in zip(pairs, self.decisions, strict=True)]


@st.composite
def courses(draw):
    schedule = begun(draw(BASES), draw(STEPS), draw(SMALLEST))
    schedules, decisions = [schedule], []
    for accepted in draw(DECISIONS):
        if schedule.finished.item():
            break
        schedule = reject_impossible(decide(schedule, torch.tensor([accepted])))
        schedules.append(schedule)
        decisions.append(accepted)
    return Course(schedules, decisions)


@given(courses())
def test_an_attempt_prunes_more_than_is_accepted_and_less_than_all(course):
    for before, _, _ in course.attempts:
        assert before.accepted.item() < target(before).item() < 100


@given(courses())
def test_the_accepted_percentage_only_rises_and_by_acceptances_alone(course):
    for before, after, accepted in course.attempts:
        expected = target(before) if accepted else before.accepted
        assert after.accepted.item() == expected.item() >= before.accepted.item()
        assert after.reached.item() == (before.reached.item() or accepted)


@given(courses())
def test_a_step_is_kept_or_halved_and_never_below_one_element(course):
    first = course.schedules[0]
    for before, after, accepted in course.attempts:
        smallest = after.smallest.item()
        assert after.smallest.item() == first.smallest.item()
        assert after.step.item() >= min(before.step.item(), smallest)
        if accepted and target(replace(after, step=before.step)).item() < 100:
            assert after.step.item() == before.step.item()
        if not accepted:
            assert after.step.item() <= max(before.step.item() / 2, smallest)
            assert not after.on_schedule.item()


@given(courses())
def test_equal_steps_until_the_first_rejection_and_never_again(course):
    base, step = course.schedules[0].base, course.schedules[0].step
    for number, schedule in enumerate(course.schedules):
        if schedule.on_schedule.item():
            assert all(course.decisions[:number])
            assert schedule.accepted.item() == (base + step * number).item()
    assert sorted((schedule.on_schedule.item() for schedule in course.schedules), reverse=True) == [
        schedule.on_schedule.item() for schedule in course.schedules
    ]


@given(courses())
def test_only_a_rejection_at_one_element_ends_a_phase(course):
    for before, after, accepted in course.attempts:
        at_one = before.step.item() == before.smallest.item()
        if not accepted and at_one:
            assert after.finished.item()
        if after.finished.item():  # after an acceptance only where one element more would be all
            assert after.step.item() == after.smallest.item()
            assert (not accepted and at_one) or (after.accepted + after.smallest).item() >= 100


@given(BASES, STEPS, SMALLEST)
def test_nothing_but_rejections_end_a_phase_after_the_last_halving(base, step, smallest):
    schedule, rejections = begun(base, step, smallest), 0
    while not schedule.finished.item():
        schedule = reject_impossible(decide(schedule, torch.tensor([False])))
        rejections += 1
    halvings = max(1, ceil(log2(step / smallest))) if step != smallest else 0
    assert rejections <= halvings + 1
    assert schedule.accepted.item() == base
    assert not schedule.reached.item()


@settings(max_examples=30)
@given(BASES, STEPS, st.sampled_from([100.0, 100 / 7, 100 / 24]))
def test_nothing_but_acceptances_end_a_phase_within_one_element_of_all(base, step, smallest):
    schedule, attempts = begun(base, step, smallest), 0
    while not schedule.finished.item():
        schedule = reject_impossible(decide(schedule, torch.tensor([True])))
        attempts += 1
    assert attempts <= (100 - base) / min(step, smallest) + 1
    assert schedule.accepted.item() < 100 or attempts == 0
    assert schedule.accepted.item() + schedule.smallest.item() >= 100


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


@given(st.integers(1, 1500), st.data())
def test_one_element_more_is_one_element_more_of_all(whole, data):
    count = data.draw(st.integers(0, whole))
    assert percentage(torch.tensor([0, count, whole]), whole).tolist() == [0.0, 100 * count / whole, 100.0]


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.floats(0, 99), st.floats(0.1, 99.9), st.text("ar", min_size=8, max_size=8)), min_size=2, max_size=4
    )
)
def test_every_network_has_a_schedule_of_its_own(networks):
    alone = [begun(base, step, 4.0) for base, step, _ in networks]
    together = Schedule.concatenate(alone)
    for attempt in range(8):
        accepted = torch.tensor([answers[attempt] == "a" for _, _, answers in networks])
        together = reject_impossible(decide(together, accepted))
        alone = [reject_impossible(decide(each, accepted[[n]])) for n, each in enumerate(alone)]
        running = ~together.finished
        assert together.finished.equal(torch.cat([each.finished for each in alone]))
        assert target(together)[running].equal(torch.cat([target(each) for each in alone])[running])
