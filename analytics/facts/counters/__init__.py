"""What counters say: amounts between samples, what is not believed, which cells they fall in.
Knows no plant and no history: samples, borders and masks come as arrays.
"""
