"""What there is at a machine's address, for those who write a profile."""
