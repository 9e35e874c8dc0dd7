"""What the calendar plans: segments of planned time, and the slices that facts are cut at.
Knows nothing of what a machine did.
"""
