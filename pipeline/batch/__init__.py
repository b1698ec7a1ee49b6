"""A library of templates comes in, one outcome a template goes out: what changed is written, the ledger knows the rest.

Begin with `nouns.py`; then `session.py` walks a library, `work.py` takes one template, `ledger.py` remembers it.
"""
