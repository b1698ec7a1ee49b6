"""What works on the templates of a run, each an Engine of `run` or part of one: tasks in, rows out, in order.

    threads   threads over one model, here
    post      questions -> batches of a provider's Batch API, and their answers -> the ledger
    rounds    templates that wait for such answers together
    cluster   jobs -> workers elsewhere, without a ledger
    raydata   those workers, on Ray: the only door to it

None of them decides anything: `work` does.
"""
