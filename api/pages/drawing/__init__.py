"""Numbers to places in a drawing: bars, bands of states, control charts.
Knows no templates and no requests.
"""
