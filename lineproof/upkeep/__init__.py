"""A data folder's upkeep: plant and grant files applied, doctor, rebuild.
The node need not run.
"""
