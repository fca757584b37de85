"""Services: what runs while the app is open: jobs, who may do what, which models serve, and upkeep of the data folder."""
