"""Help texts: the menu of models and the keys, as the page shows them."""

from __future__ import annotations
def models(catalog): return ""
def keys(): return ""
