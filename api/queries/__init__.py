"""Questions about lines and projects, answered in typed values from store and analytics.
Nothing here writes, and nothing here makes JSON.
"""
