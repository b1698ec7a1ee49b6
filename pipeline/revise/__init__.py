"""The two ways to make the next draft, each a `Revise`: `whole` for capable models, `pieces` for small ones."""
