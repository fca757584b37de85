"""Parts: attention, box geometry, heads and crops that several networks share."""
