"""From facts and terms to a verdict with bounds, coverage, reasons and evidence.
Each kind of terms has its module; `verdict` chooses.
"""
