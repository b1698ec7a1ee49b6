"""Tests of the evals; a package, for its modules share a command and a server."""
