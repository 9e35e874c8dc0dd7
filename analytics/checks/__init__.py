"""Which milestones an officer checks more closely: by risk, and by a sample drawn at random.

The two are kept apart: what was chosen because it looks odd says nothing of a scheme's error rate.
"""
