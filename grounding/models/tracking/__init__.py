"""Tracking: trackers, and the follower of one box."""
