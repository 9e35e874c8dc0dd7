"""How files are written: a text file, a CSV file or a workbook becomes frames of text, row by row.
Knows no time, no signal and no value: whatever stands in a cell is text.
"""
