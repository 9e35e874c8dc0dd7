"""Pages of accounts: signing in and on, who may do what, who did what."""
