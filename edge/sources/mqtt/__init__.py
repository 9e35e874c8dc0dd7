"""Machines that publish JSON over MQTT: connection, settings, what a message says.
A message is acknowledged when its samples are in the spool.
"""
