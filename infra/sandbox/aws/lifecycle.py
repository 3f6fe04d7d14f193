"""Create, read, update and delete one resource as its entry in the table says."""

import re
import string
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.sandbox.aws import tags
from infra.sandbox.aws.action import Action
from infra.sandbox.aws.diff import DEFAULTS, changed_names
from infra.sandbox.aws.entry import Call
from infra.sandbox.aws.errors import ProviderError, describe
from infra.sandbox.aws.plan import Plan
from infra.sandbox.aws.wire import Properties


class HalfCreatedError(Exception):
    """The resource exists, but what was to follow its creation failed; the engine must remember it."""

    def __init__(self, id_: str, state: Properties, reason: str) -> None:
        super().__init__(reason)
        self.id, self.state, self.reason = id_, state, reason


def create(plan: Plan, inputs: Properties) -> tuple[str, Properties]:
    """Make the resource and return its id and state.

    Raises `HalfCreatedError` where a later step failed, botocore's errors where the creation itself did.
    """
    action = plan.action(inputs)
    entry = plan.resource
    if isinstance(entry.create, Call):
        answer = action.call(entry.create, **tags.creation_members(action, entry.create.operation))
    else:
        answer = entry.create(action)
    action.id = action.fill(entry.id) if "{" in entry.id else _at(answer, entry.id)
    try:
        if entry.settle:
            entry.settle(action)
        _finish(plan, action)
        state = read(plan, action.id, action.props)
    except (BotoCoreError, ClientError, ProviderError) as error:
        reason = describe(error) if not isinstance(error, ProviderError) else str(error)
        raise HalfCreatedError(action.id, inputs, reason) from error
    if state is None:
        raise HalfCreatedError(action.id, inputs, "it was created, but AWS does not show it")
    return action.id, state


def _finish(plan: Plan, action: Action) -> None:
    unset = {name for name, value in plan.resource.defaults.items() if action.props.get(name) == value}
    todo = {name for name in action.props if name not in plan.created | unset | {DEFAULTS}}
    known = action.props
    # Later steps may need what AWS has just assigned (an ARN to tag, say), so it is read when there are any.
    if todo & plan.updated or (not action.tagged and known.get("tags")):
        action.props = {**(read(plan, action.id, known) or {}), **known}
    _apply(action, todo)
    if not action.tagged and known.get("tags"):
        tags.write(action)


def _apply(action: Action, names: set[str]) -> None:
    for update in action.resource.updates:
        carried = action.carries(update) if isinstance(update, Call) else update.properties
        if not names & set(carried):
            continue
        if not isinstance(update, Call):
            update.run(action)
        elif update.remove and all(action.props.get(name) in (None, "") for name in carried):
            action.call(update.remove)
        else:
            action.call(update, {**_emptied(action, names), **action.props})


def _emptied(action: Action, names: set[str]) -> Properties:
    # A text that was taken away is written as an empty one, or AWS would keep the old.
    gone = (name for name in names if action.props.get(name) is None)
    return {name: "" for name in gone if action.schema["inputs"][name]["kind"] == "string"}


def update(plan: Plan, id_: str, old_inputs: Properties, old_state: Properties, inputs: Properties) -> Properties:
    """Bring the resource to the new inputs and return its new state."""
    action = plan.action(inputs, old_state, id_)
    changed = changed_names(plan, old_inputs, inputs)
    _apply(action, changed)
    if "tags" in changed:
        tags.write(action)
    # An input that was taken away is not known any more; what AWS computed still is.
    computed = {name: value for name, value in old_state.items() if name not in plan.schema["inputs"]}
    state = read(plan, id_, {**computed, **inputs})
    if state is None:
        raise ProviderError("it no longer exists; run a refresh so that it is made again")
    return state


def read(plan: Plan, id_: str, known: Properties) -> Properties | None:
    """Return the real state of the resource, or None if it does not exist.

    `known` is what the stack knows of it (empty for an import); properties that AWS does not answer are kept from it.
    """
    entry = plan.resource
    action = plan.action({**known, **_parse(entry.id, id_)}, id_=id_)
    for index, each in enumerate(entry.reads):
        found = action.read(each)
        if found is None:
            if index == 0:
                return None
            found = action.taken(each, {})
        action.props.update(_observed(plan, found))
    if "region" in plan.schema["outputs"]:
        action.props["region"] = action.region
    action.props.update({name: action.fill(template) for name, template in entry.templates.items()})
    if entry.complete:
        more = entry.complete(action, action.props)
        if more is None:
            return None
        action.props.update(more)
    found_tags = tags.read(action)
    if found_tags is not None:
        action.props["tags"] = found_tags
    return _state(plan, action.props, known)


def _observed(plan: Plan, found: Properties) -> Properties:
    # What AWS always fills in cannot be unset: an answer without it says nothing.
    outputs = plan.schema["outputs"]
    return {name: value for name, value in found.items() if value is not None or not outputs[name].get("required")}


def _state(plan: Plan, found: Properties, known: Properties) -> Properties:
    state = {name: found[name] for name in plan.schema["outputs"] if found.get(name) is not None}
    for name, alike in plan.resource.same.items():
        if name in known and name in state and alike(known[name], state[name]):
            state[name] = known[name]
    if "tagsAll" in plan.schema["outputs"]:
        state["tagsAll"] = state.get("tags") or {}
    return state


def _parse(template: str, id_: str) -> Properties:
    """Read the template's fields back from an id."""
    fields = [(literal, name) for literal, name, _, _ in string.Formatter().parse(template) if name or literal]
    if not any(name for _, name in fields):
        return {}
    pattern = "".join(re.escape(literal) + (f"(?P<{name}>.+?)" if name else "") for literal, name in fields)
    match = re.fullmatch(pattern, id_)
    if not match:
        raise ProviderError(f"the id {id_!r} has not the form {template}")
    return match.groupdict()


def _at(answer: Any, path: str) -> str:
    for part in path.split("."):
        answer = answer[part]
    return str(answer)


def delete(plan: Plan, id_: str, state: Properties) -> None:
    """Remove the resource; one that is not there counts as removed."""
    action = plan.action(state, id_=id_)
    remove = plan.resource.delete
    if remove is None or state.get("skipDestroy"):
        return
    try:
        if isinstance(remove, Call):
            action.call(remove)
        else:
            remove(action)
    except ClientError as error:
        if not action.gone(error):
            raise


def preview(plan: Plan, inputs: Properties, unknown: str, old: Mapping[str, Any] | None = None) -> Properties:
    """Return the state that creating (or, with `old`, updating) would give, with what only AWS can say as `unknown`."""
    entry, outputs = plan.resource, plan.schema["outputs"]
    computed = {name for name, schema in outputs.items() if schema.get("required") and name not in entry.absent}
    if old is None:
        state: Properties = dict.fromkeys(computed, unknown)
    else:
        state = {name: value for name, value in old.items() if name in computed}
        state.update(dict.fromkeys(entry.unstable, unknown))
    state.update({name: value for name, value in inputs.items() if name in outputs})
    if "region" in outputs:
        state["region"] = inputs.get("region", plan.aws.region)
    if "tagsAll" in outputs:
        state["tagsAll"] = inputs.get("tags") or {}
    return state
