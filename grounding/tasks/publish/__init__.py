"""Publish: annotations go out in the formats of other tools."""
