"""Parts: attention, geometry, heads and crops that several networks share."""
