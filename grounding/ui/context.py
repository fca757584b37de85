"""Desk: what the page works with. Made once in `app.py`, handed to every tab."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from grounding.services.access import AccessPolicy
from grounding.services.job_services import JobServices
from grounding.store import Project, Store


@dataclass(frozen=True)
class UIContext:
    """`works` starts long tasks (the routes use the same one), `guests` says who may see which project, `catalog` is the menu."""

    job_services: JobServices
    access_policy: AccessPolicy
    catalog: ModuleType

    @property
    def store(self) -> Store:
        return self.job_services.store

    def projects(self, user_name: str | None) -> list[Project]:
        """The projects that this person may see, the oldest first."""
        return self.access_policy.projects(user_name)
