"""A leak is seen, noise is not."""

import random

import pytest

from tests.soak.flat import Allowance, grows, growth, is_enough

ALLOWED = Allowance(share=0.1, absolute=10)
DICE = random.Random(1)


def test_a_leak_grows() -> None:
    assert grows([100 + each for each in range(100)], ALLOWED)


def test_noise_does_not_grow() -> None:
    assert not grows([100 + DICE.gauss(0, 20) for _ in range(200)], ALLOWED)


def test_what_is_taken_once_while_warming_up_is_no_leak() -> None:
    assert not grows([*range(0, 100, 3), *[100] * 70], ALLOWED)


def test_one_look_at_a_crowd_is_no_leak() -> None:
    assert not grows([*[20] * 90, 400, *[20] * 9], ALLOWED)


def test_a_leak_in_noise_grows() -> None:
    assert grows([100 + each / 2 + DICE.gauss(0, 20) for each in range(300)], ALLOWED)


def test_a_few_values_tell_nothing() -> None:
    with pytest.raises(ValueError, match="too few"):
        growth([1, 2, 3])
    assert not is_enough([150] * 30)
    assert is_enough([150] * 100)
