"""Adapters: other people's models behind our seams. Each stands in one file and is imported only when somebody names it."""
