"""What facts need of a line's history: how far it reaches, and what a change reaches.
Reads any telemetry store through its protocol.
"""
