"""Tactful: a clumsy cold message comes in, a message that its reader is glad to answer goes out."""

__version__ = "0.1.0"
