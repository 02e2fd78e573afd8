"""How good a model of a table is: scores next to a baseline, on rows that chose nothing."""
