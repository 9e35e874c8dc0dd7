"""Sealed batches by their digest, what was refused, and when each arrived.
The truth from which telemetry and facts can be made anew.
"""
