"""What runs made of a library comes in; what a person decides on it goes to the ledger, and is written when they wish.

    proposal    a library and its ledger -> each template with what was made of it; the engine that writes decisions
    walk        proposals and keys -> lines and decisions, on a terminal
    page        proposals -> the data of one HTML page
    decisions   the file that this page saves -> decisions

Nothing here asks a model.
"""
