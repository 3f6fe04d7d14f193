"""The program of the tests' project: the notes that the test asks for, by stack."""

import json
import os
from pathlib import Path

import pulumi

from infra.errors import UserError


class Note(pulumi.CustomResource):
    def __init__(self, name: str, inputs: dict[str, object], opts: pulumi.ResourceOptions) -> None:
        super().__init__("notes:index:Note", name, inputs, opts)


class Shelf(pulumi.ComponentResource):
    def __init__(self, name: str) -> None:
        super().__init__("notes:index:Shelf", name)
        self.register_outputs({})


stack = pulumi.get_stack()
spec = json.loads((Path(os.environ["NOTES_CLOUD"]) / f"spec-{stack}.json").read_text())
if "bug" in spec:
    raise ValueError("a bug in the program")
if "mistake" in spec:
    raise UserError("the spec is wrong", remedy="correct it", where="spec.yaml")
shelf = Shelf("shelf")
note: Note | None = None
for key, wanted in spec.items():
    inputs = dict(wanted)
    after = [note] if inputs.pop("chained", False) and note is not None else []
    protect = inputs.pop("protect", None)
    options = pulumi.ResourceOptions(parent=shelf, depends_on=after, protect=protect)
    note = Note(key, {"name": f"{stack}-{key}", "text": "", **inputs}, options)
pulumi.export("stack", stack)
pulumi.export("region", pulumi.Config("notes").get("region"))
pulumi.export("secret", pulumi.Output.secret("not for everyone"))
