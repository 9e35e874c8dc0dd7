"""Pages of people at the machines: the floor, a line, its plan, corrections that wait."""
