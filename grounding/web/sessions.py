"""Page sessions: on a public Space each belongs to one visit, and unread messages are dropped."""

from __future__ import annotations

from collections import OrderedDict

from grounding.services.quota import OverQuota

MAX_PER_VISIT = 12  # sessions: each time the page is opened is one
MAX_SESSIONS = 1500  # fewer than those that Gradio keeps messages of
MAX_UNREAD_MESSAGES = 60  # messages that wait for a session; an event has about five


class PageSessions:
    """`queue` is Gradio's, which keeps the answers of each session until they are fetched, however many they are."""

    def __init__(self, queue):
        self._queue, self._owners = queue, OrderedDict()  # session -> visit, the one used last at the end

    def check_owner(self, session: str, visit: str) -> None:
        """Raises PermissionError where the session is another visit's."""
        if self._owners.get(session, visit) != visit:
            raise PermissionError("this page was opened by another visitor; reload it")

    def begin_event(self, session: str, visit: str) -> None:
        """An event of a session: it is this visit's from now on, and the oldest of too many is dropped."""
        self.check_owner(session, visit)
        waiting = self._queue.pending_messages_per_session.get(session)
        if waiting is not None and waiting.qsize() > MAX_UNREAD_MESSAGES:
            raise OverQuota("this page did not fetch the answers that it asked for before; reload it")
        self._owners[session] = visit
        self._owners.move_to_end(session)
        own = [known for known, owner in self._owners.items() if owner == visit]
        for old in (*own[:-MAX_PER_VISIT], *list(self._owners)[:-MAX_SESSIONS]):
            self._drop(old)

    def _drop(self, session: str) -> None:
        self._owners.pop(session, None)
        self._queue.pending_messages_per_session.pop(session, None)
        self._queue.pending_event_ids_session.pop(session, None)
