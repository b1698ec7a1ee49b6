"""Models: a name -> a catalogue entry -> something that answers a Prompt.

    model = choose(load(settings.models), name, base_url, way)      # cheap: no engine, no SDK, no network
    with pipeline.models.client.open_model(model, way=model.way) as ask:
        reply = ask(prompt)

`client` (openai) and `serving` (xllamacpp) cost half a second to import: import them where a model is really asked.
"""

from pipeline.models.catalogue import DEFAULT, File, Model, choose, load
from pipeline.models.fetch import path, pull, ready

__all__ = ["DEFAULT", "File", "Model", "choose", "load", "path", "pull", "ready"]
