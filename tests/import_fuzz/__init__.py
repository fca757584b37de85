"""Fuzzing what comes in: small sets of every format (`sets`), what may happen to them (`mutations`), and what may be
true of them (`truth`)."""
