"""The store: what people and models said about photos and videos, kept for good."""

from grounding.store.leases import Lease, is_alive
from grounding.store.proposals import digest, model_name
from grounding.store.store import Store
from grounding.store.values import ITEM_KINDS, STATUSES, Conflict, Item, ItemPosition, JobRow, Label, NotFound, Project

__all__ = ["ITEM_KINDS", "STATUSES", "Conflict", "Item", "JobRow", "Label", "Lease", "NotFound", "ItemPosition", "Project", "Store",
           "is_alive", "digest", "model_name"]
