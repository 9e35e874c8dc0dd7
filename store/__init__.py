"""Everything that lasts: telemetry and facts, registry, archive of sealed batches.

Knows formats and databases; knows nothing of collectors, pages or KPIs.
"""
