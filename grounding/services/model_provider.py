"""Model provider: the models of the app by seam, and those that were chosen for a project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grounding.catalog import SEAMS
from grounding.protocols import ClassNameDetector
from grounding.services import model_choice
from grounding.store import Store
from grounding.tasks.improve import weights
from grounding.tasks.label import templates


@dataclass(frozen=True)
class ModelProvider:
    """The models of the app; each is made when it is first asked for, so that the app starts at once. `shipped` makes, by
    seam, the model that comes with the app."""

    shipped: Mapping[str, Callable[[], Any]]
    load_trained_grounder: Callable[[Path], Any] | None = None  # a grounder from the JSON page of weights learned here
    base_weights: Path | None = None  # the JSON page of the weights that learning starts from
    model_by_name: Callable[[str, str], Any] | None = None  # a model of the catalog, by seam and name

    def get(self, seam: str, name: str = "") -> Any:
        """The model of that name, without one what ships. Raises ValueError where nothing ships for the seam."""
        return self.model_by_name(seam, name) if name else self.maker(seam)()

    def maker(self, seam: str) -> Callable[[], Any]:
        """Makes the model that ships. Raises ValueError where there is none."""
        if seam not in self.shipped:
            raise ValueError(f"this app was started without a {SEAMS[seam].noun}; choose one of the catalog")
        return self.shipped[seam]


@dataclass(frozen=True)
class ProjectModels:
    """The models of a project: what was chosen for it, with what it learned and with its labels and templates."""

    store: Store
    provider: ModelProvider

    def tracker(self, project_id: str) -> Any:
        """The tracker that was chosen for a project."""
        return self._chosen(project_id, "tracker")

    def detector(self, project_id: str) -> Any:
        """The detector that was chosen for a project; one that takes class names looks for the labels of the project."""
        model = self._chosen(project_id, "detector")
        labels = [label.name for label in self.store.project(project_id).labels]
        return model.with_class_names(labels) if labels and isinstance(model, ClassNameDetector) else model

    def grounder(self, project_id: str) -> Any:
        """The grounder that was chosen for a project; the embedded one with the weights that were trained there, if they are in use."""
        name = model_choice.chosen_models(self.store, project_id)["grounder"]
        if name:
            return self.provider.get("grounder", name)
        page = weights.active_weights(self.store, project_id)
        return self.provider.get("grounder") if page is None else self.provider.load_trained_grounder(page)

    def generator(self, project_id: str) -> Any:
        """The generator of phrases, without the templates that are switched off in the project."""
        return templates.without_templates(self.provider.get("generator"), templates.disabled_templates(self.store, project_id))

    def _chosen(self, project_id: str, seam: str) -> Any:
        return self.provider.get(seam, model_choice.chosen_models(self.store, project_id)[seam])
