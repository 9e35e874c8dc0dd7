"""Statistical process control of measured values: charts, run rules, capability.
Knows nothing of OEE or grants.

SciPy is imported inside the functions that compute with it: all KPIs come through here, and few
questions are about measured values.
"""
