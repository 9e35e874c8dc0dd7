"""Machines that speak OPC UA: connection, nodes, subscriptions, values.
A status code becomes a quality; nothing is dropped in silence.
"""
