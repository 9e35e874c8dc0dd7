"""The formulas of KPIs: the sums that they are computed from, each with its bounds, and their list.
Knows no facts and no periods: sums come as columns.
"""
