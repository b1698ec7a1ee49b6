"""Without the extra [train] the test of parity is not collected: it imports what only that extra brings."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["test_parity.py"]
