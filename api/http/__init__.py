"""What every route shares: dependencies, paging, problem documents, guards, the event feed.
Routes themselves are in `routes`.
"""
