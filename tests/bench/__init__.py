"""Speed and memory beside peers, in one run: `poe bench`, or `python -m tests.bench THEME ...` for some themes alone.

Prints ratios; exits 1 where a bar is missed. Each module is a theme: its `bars` prints a line for each bar and says
whether it holds.
"""
