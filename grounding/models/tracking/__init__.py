"""Tracking: multi-object trackers, and a tracker of one given box."""
