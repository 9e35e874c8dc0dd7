"""How far a profile is proven: by a recording of a machine, and by what its own panel showed."""
