"""From a line's history to its FACTS: time in each state, counts, ideal time, flags.
Every KPI of every period is computed from sums of these.
"""
