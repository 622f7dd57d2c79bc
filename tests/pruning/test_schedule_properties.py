"""What holds for every course of pruning, whichever attempts are accepted."""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, log2

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neural_sculpting.networks.state import Schedule
from neural_sculpting.pruning.schedule import decide, percentage, reject_impossible, start, target
from neural_sculpting.pruning.select import at_or_below

# One unit of one, seven and 24; one edge of 192 and 1500. A phase over a single element can prune nothing.
SMALLEST = st.sampled_from([100.0, 100 / 7, 100 / 24, 100 / 192, 100 / 1500])
BASES = st.one_of(st.just(0.0), st.just(100.0), st.floats(0, 100))
STEPS = st.one_of(st.sampled_from([70.0, 2.5, 100.0]), st.floats(0.05, 100))
ANSWERS = st.one_of(st.just([False] * 30), st.just([True] * 30), st.lists(st.booleans(), min_size=30, max_size=30))


def begun(base: float, step: float, smallest: float) -> Schedule:
    schedule = start(torch.tensor([base], dtype=torch.float64), smallest)
    return replace(schedule, step=torch.tensor([step], dtype=torch.float64))


@dataclass(frozen=True)
class Course:
    """The schedules of one network: before each attempt, and last the one behind the last attempt."""

    schedules: list[Schedule]
    answers: list[bool]

    @property
    def attempts(self):
        """The schedule before and the one after each attempt, and whether the attempt was accepted."""
        pairs = pairwise(self.schedules)
        return [(before, after, answer) for (before, after), answer in zip(pairs, self.answers, strict=True)]


@st.composite
def courses(draw):
    schedule = reject_impossible(begun(draw(BASES), draw(STEPS), draw(SMALLEST)))
    schedules, given_answers = [schedule], []
    for answer in draw(ANSWERS):
        if schedule.finished.item():
            break
        schedule = reject_impossible(decide(schedule, torch.tensor([answer])))
        schedules.append(schedule)
        given_answers.append(answer)
    return Course(schedules, given_answers)


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
            assert all(course.answers[:number])
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
    schedule, rejections = reject_impossible(begun(base, step, smallest)), 0
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
    schedule, attempts = reject_impossible(begun(base, step, smallest)), 0
    while not schedule.finished.item():
        schedule = reject_impossible(decide(schedule, torch.tensor([True])))
        attempts += 1
    assert attempts <= (100 - base) / min(step, smallest) + 1
    assert schedule.accepted.item() < 100 or attempts == 0
    assert schedule.accepted.item() + schedule.smallest.item() >= 100


@given(st.lists(st.tuples(BASES, STEPS, SMALLEST), min_size=1, max_size=4), st.data())
def test_rejecting_the_impossible_leaves_only_what_is_possible(networks, data):
    schedule = Schedule.concatenate([begun(*network) for network in networks])
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
    found = percentage(torch.tensor([0, count, whole]), whole)
    assert found.tolist() == [0.0, 100 * count / whole, 100.0]


# Scores of one network: with pruned ones, which are zero, or all alike.
SCORES = st.one_of(
    arrays(np.float32, st.integers(1, 30), elements=st.sampled_from([0.0, 0.0, 0.25, 1.0, 3.5])),
    arrays(np.float32, st.integers(1, 30), elements=st.floats(0, 2.0**60, width=32)),
    st.tuples(st.integers(1, 30), st.sampled_from([0.0, 2.0])).map(lambda made: np.full(*made, dtype=np.float32)),
)
PERCENT = st.floats(0, 99.99)


def removed(scores: np.ndarray, percent: float) -> np.ndarray:
    return at_or_below(torch.from_numpy(scores)[None], torch.tensor([percent], dtype=torch.float64))[0].numpy()


@given(SCORES, PERCENT, PERCENT)
def test_a_higher_percentage_removes_the_same_elements_and_maybe_more(scores, one, other):
    fewer, more = (removed(scores, percent) for percent in sorted((one, other)))
    assert not (fewer & ~more).any()


@given(SCORES, PERCENT)
def test_what_is_pruned_already_stays_pruned(scores, percent):
    assert removed(scores, percent)[scores == 0].all()


@given(SCORES, PERCENT, st.data())
def test_the_order_of_elements_does_not_matter(scores, percent, data):
    order = np.array(data.draw(st.permutations(range(len(scores)))))
    assert removed(scores[order], percent).tolist() == removed(scores, percent)[order].tolist()


@given(SCORES, PERCENT, st.integers(-20, 20))
def test_the_unit_of_the_scores_does_not_matter(scores, percent, power):
    scaled = scores.astype(np.float64) * 2.0**power
    assert removed(scaled, percent).tolist() == removed(scores, percent).tolist()
