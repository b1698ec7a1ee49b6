"""The training of the embedded rewriter: pairs, their check, and what comes of them."""
