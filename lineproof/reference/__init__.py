"""The KPI reference pages, made from the registry of KPIs and the catalogues.
`python -m lineproof.reference` writes them.
"""
