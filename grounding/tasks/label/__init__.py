"""Label: what a person does on one item: proposals, edits, phrases and their checks."""
