"""The demo plant as a process in time: machines, products, stops, weights.
Pure: history and live machines follow from the same model.
"""
