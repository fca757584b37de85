"""The web: routes that the page, and any program, talks to. JSON in, JSON out; pixels by id."""

from grounding.web.api import create_api
from grounding.web.guard import LOOPBACK, RequestGuard

__all__ = ["LOOPBACK", "RequestGuard", "create_api"]
