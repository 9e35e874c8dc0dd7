"""Who asks, whether it may, and what the audit is told of it."""
