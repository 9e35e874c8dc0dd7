"""From a machine's reading to samples of known signals, or a counted rejection.
Pure: no clock, no file, no socket.
"""
