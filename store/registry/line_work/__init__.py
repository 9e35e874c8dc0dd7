"""What people do at a line shift by shift: handovers, alerts and who acknowledged them."""
