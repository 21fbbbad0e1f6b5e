"""The sample homework holds answers, among them wrong ones: they are read, never imported."""

collect_ignore = ["homework"]
