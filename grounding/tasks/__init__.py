"""Tasks: what a person comes to do, as plain functions and generators that get their models passed in."""
