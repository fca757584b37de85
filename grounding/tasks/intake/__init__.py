"""Intake: photos, videos and annotation sets come into a project."""
