"""What a profile is: addresses, units, values and their conversions.
Plain frozen values; knows no files.
"""
