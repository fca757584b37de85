"""The page about the routes tells of each of them, and of no other."""

import re
from pathlib import Path

from grounding.web.api import ROUTES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


def test_docs_api_lists_every_route(serve):
    told = {tuple(line.split("?")[0].split()) for line in re.findall(r"^\| `([A-Z]+ [^`]+)` \|", PAGE.read_text(), re.M)}
    on = serve().app.state.context
    assert told == {(method, route.path) for build in ROUTES for route in build(on).routes for method in route.methods}
