"""Edge nodes and devices that publish Sparkplug B: we are a host application that reads.

What a node said counts only in the order in which it said it, and only since its birth.
"""
