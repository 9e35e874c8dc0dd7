"""Lets the workers of a Dask cluster verify batches and compute facts, for `lineproof rebuild`.
Dask is imported in `collector.workers.cluster` alone.
"""
