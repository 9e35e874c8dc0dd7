"""From sums of FACTS to KPIs with their bounds: inputs, sums, the registry, rows.
Knows neither command line nor routes, and makes no texts.
"""
