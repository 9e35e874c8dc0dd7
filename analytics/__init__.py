"""Pure analytics: frames in, frames out. Time model, facts, KPIs, stops, verdicts.

No clock, no socket, no file; knows neither databases nor device profiles.
"""
