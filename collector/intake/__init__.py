"""Takes batches in: verifies, decides, archives, stores, acknowledges.
A batch is acknowledged when it lasts, never before.
"""
