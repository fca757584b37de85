"""The context of the page: made once in `app.py` and passed to every tab."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

from grounding.services.access import AccessPolicy
from grounding.services.job_services import JobServices
from grounding.store import Project, Store


@dataclass(frozen=True)
class UIContext:
    """`job_services` starts jobs (the routes use the same one), `access_policy` decides who may see which project, `catalog`
    lists the models."""

    job_services: JobServices
    access_policy: AccessPolicy
    catalog: ModuleType

    @property
    def store(self) -> Store:
        return self.job_services.store

    def projects(self, user_name: str | None) -> list[Project]:
        """The projects that this person may see, the oldest first."""
        return self.access_policy.projects(user_name)
