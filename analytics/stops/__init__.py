"""The list of stops, what they cost and what caused them.
Reads state intervals; facts are not needed.
"""
