"""What people do at a line shift by shift: handovers."""
