"""The one Hypothesis profile: the same examples on every run, and no clock."""

from hypothesis import settings

settings.register_profile("ibcourse", derandomize=True, deadline=None, max_examples=100)
settings.load_profile("ibcourse")
