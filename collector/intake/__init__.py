"""Takes batches in: verifies, decides, archives, stores, acknowledges. A batch is acknowledged once
it is stored, never before.
"""
