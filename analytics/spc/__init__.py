"""Statistical process control of measured values: charts, run rules, capability.
Knows nothing of OEE or grants.
"""
