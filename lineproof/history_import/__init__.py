"""History files into the store, through the same sealed batches as live data.
Reads, sorts, checks, seals; a second time changes nothing.
"""
