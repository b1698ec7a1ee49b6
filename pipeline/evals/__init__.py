"""Evals: cases and recorded answers come in; figures, verdicts against the baseline and an exit code go out."""
