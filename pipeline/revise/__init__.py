"""The two ways to make the next draft, each `(Review, seed) -> Draft`: `whole` for capable models, `pieces` for small ones."""
