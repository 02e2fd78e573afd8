"""Quality of a model: scores next to a baseline, on held-out rows."""
