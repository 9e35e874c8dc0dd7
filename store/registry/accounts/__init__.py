"""Who may sign in, and by what: accounts, sessions, tokens, codes, PINs. Of secrets only
hashes are kept; what they are shown to people is theirs alone."""
