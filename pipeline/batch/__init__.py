"""A library of templates comes in, one outcome a template goes out: what changed is written, the ledger knows the rest.

    nouns      Outcome, Result, Decision, Task, Row: read these first
    choice     a folder or file -> the files that a run is about
    drafting   a template -> its Draft, and a new message -> its Change
    keys       a draft -> the digest of all that decides its result
    rows       the tables of the ledger
    ledger     what was asked, what came of it, what was decided: kept, and found again
    claims     who works on what, between processes
    asking     a run's model -> an Ask that pays for nothing twice and keeps to budgets
    work       one template -> its row
    engines/   who does that work: threads, a cluster, a provider's batches
    write      a file and its changes -> in place, elsewhere, or as a patch
    run        files -> rows, in order
    session    a bench to work on
    stops      Ctrl-C
    sketches, across     messages -> notes on the library as a whole
    looking, plan        findings only; an estimate only
    tally, lines, results    rows -> counts, lines and JSON, a file of rows

Each imports only what stands above it, or beside it on its line.
"""
