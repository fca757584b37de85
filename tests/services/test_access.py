"""Guests: visitors have an hour, a cap, and nothing of each other."""

import pytest

from grounding.services.access import AccessDenied, OpenAccess, TooManySessions, VisitorSessions
from grounding.store import NotFound


class Clock:
    """Seconds that pass when a test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def visitors(store, **settings) -> VisitorSessions:
    return VisitorSessions(store, create_project=lambda name: store.create_project(name, ["dog"]).id, **settings)


def test_at_home_everyone_sees_every_project(store):
    made = store.create_project("Street", ["dog"])
    assert OpenAccess(store).projects(None) == [made]
    assert OpenAccess(store).may_see("anybody", made.id)


def test_a_visitor_gets_one_project_and_keeps_it(store):
    guests = visitors(store)
    first, again = guests.projects("ann"), guests.projects("ann")
    assert len(first) == 1
    assert first == again


def test_a_visitor_reaches_only_the_own_project(store):
    guests = visitors(store)
    anns, bens = guests.projects("ann")[0].id, guests.projects("ben")[0].id
    assert anns != bens
    assert guests.may_see("ann", anns)
    assert not guests.may_see("ann", bens)
    with pytest.raises(AccessDenied):
        guests.check_access("ben", anns)


def test_nobody_sees_nothing(store):
    guests = visitors(store)
    guests.projects("ann")
    assert guests.projects(None) == []
    assert guests.projects("") == []


def test_after_its_hour_a_project_is_gone_for_good(store):
    clock = Clock()
    guests = visitors(store, lifetime_s=3600, now=clock)
    old = guests.projects("ann")[0].id
    clock.now = 1800
    young = guests.projects("ben")[0].id
    clock.now = 3700
    assert guests.purge_expired() == 1
    with pytest.raises(NotFound):
        store.project(old)
    assert store.project(young).id == young
    assert not guests.may_see("ann", old)


def test_uploads_stop_at_the_caps(store):
    guests = visitors(store, max_items=3, max_bytes=1000)
    project = guests.projects("ann")[0].id
    guests.admit_upload(project, files=2, size=600)
    with pytest.raises(ValueError, match="at most"):
        guests.admit_upload(project, files=1, size=600)
    with pytest.raises(ValueError, match="at most"):
        guests.admit_upload(project, files=4, size=1)


def test_asking_what_is_there_makes_nothing(store):
    guests = visitors(store)
    assert guests.project_ids("ann") == () and not guests.may_see("ann", "x") and store.projects() == []
    guests.open_session("ann")
    assert guests.project_ids("ann") == tuple(project.id for project in store.projects())


def test_of_one_address_only_so_many_visits_are_open_at_once(store):
    clock = Clock()
    guests = visitors(store, max_per_address=2, now=clock)
    for who in ("ann", "ben", "ann"):
        guests.open_session(who, "1.2.3.4")
    with pytest.raises(TooManySessions, match="Come back"):
        guests.open_session("eve", "1.2.3.4")
    guests.open_session("eve", "5.6.7.8")
    assert len(store.projects()) == 3
    clock.now = 3700
    guests.purge_expired()
    guests.open_session("eve", "1.2.3.4")
    assert len(store.projects()) == 1


def test_in_all_only_so_many_visits_are_open_at_once(store):
    guests = visitors(store, max_sessions=3)
    for number in range(3):
        guests.open_session(f"visitor {number}", f"1.2.3.{number}")
    with pytest.raises(TooManySessions):
        guests.projects("eve")
    assert len(store.projects()) == 3
