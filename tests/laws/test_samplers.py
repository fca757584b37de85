"""What every sampler must do. A member is a row of MEMBERS: a function from a seed to a sampler, and one that draws a
pool."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounding.learning.selection import RandomSampler
from grounding.protocols import Sampler


@dataclass(frozen=True)
class Member:
    """`make(seed)` gives the sampler, `pool(size)` a pool that it can choose from."""

    make: Callable[[int], Sampler]
    pool: Callable[[int], Sequence] = range


MEMBERS = {"random": Member(RandomSampler)}
every = pytest.mark.parametrize("member", MEMBERS.values(), ids=list(MEMBERS))
sizes, counts, seeds = st.integers(0, 40), st.integers(0, 60), st.integers(0, 2**31)


@every
@given(size=sizes, count=counts, seed=seeds)
def test_as_many_as_asked_if_there_are_none_twice_and_all_of_the_pool(member, size, count, seed):
    chosen = member.make(seed).choose(member.pool(size), count)
    assert len(chosen) == min(size, count) == len(set(chosen)) and set(chosen) <= set(range(size))


@every
@given(size=sizes, count=counts, seed=seeds)
def test_the_same_seed_chooses_the_same(member, size, count, seed):
    pool = member.pool(size)
    assert member.make(seed).choose(pool, count) == member.make(seed).choose(pool, count)


@every
def test_it_is_a_sampler_and_another_seed_may_choose_otherwise(member):
    assert isinstance(member.make(0), Sampler)
    assert len({tuple(member.make(seed).choose(member.pool(40), 5)) for seed in range(20)}) > 1
