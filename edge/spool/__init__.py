"""The durable queue between machine and collector: files, sealing, back-pressure.
Keeps what it has; full, it refuses loudly.
"""
