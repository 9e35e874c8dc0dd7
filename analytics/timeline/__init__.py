"""What the line did at each instant: state, mode, order, product and reason.
Step functions of history; nothing is counted here.
"""
