"""Editors and agents come in over their own protocols, and get what the commands give: findings, fixes, rewrites.

documents   a document of an editor -> its findings, and the edits that mend them
lsp         the Language Server Protocol, for editors (extra `lsp`)
mcp         the Model Context Protocol, for agents (extra `mcp`)
"""
