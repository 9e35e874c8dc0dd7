"""Looking at a machine that is not in the plant yet: what is asked, and what comes of it."""
