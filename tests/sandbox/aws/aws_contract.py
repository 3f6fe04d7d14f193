"""Runs contract cases through the real engine, all in one stack, and records what it did to each."""

from __future__ import annotations

import importlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import pulumi
from cases.case import Case, Clients, Inputs, Outputs
from pulumi import automation as auto


class Phase(StrEnum):
    """The steps of a contract run, in order."""

    PREVIEW = "preview"
    CREATE = "create"
    UNCHANGED = "unchanged"
    UPDATE = "update"
    REPLACE = "replace"
    TAMPERED = "tampered"
    REPAIR = "repair"
    SETTLED = "settled"
    IMPORT = "import"
    DESTROY = "destroy"


@dataclass(frozen=True)
class Change:
    """What the engine did to one resource: its operation and the properties that differed."""

    op: str
    diffs: tuple[str, ...]


@dataclass
class Engine:
    """Where stacks of tests run: the engine, a folder for state, and the settings that reach the provider."""

    command: auto.PulumiCommand
    folder: Path
    environment: dict[str, str]
    config: dict[str, str]

    def stack(self, name: str, program: Callable[[], None]) -> auto.Stack:
        """Return a new stack of the program."""
        options = auto.LocalWorkspaceOptions(env_vars=self.environment, pulumi_command=self.command)
        stack = auto.create_or_select_stack(name, project_name="contract", program=program, opts=options)
        stack.set_all_config({key: auto.ConfigValue(value) for key, value in self.config.items()})
        return stack


@dataclass
class Recorder:
    """Collects the engine's events as changes by logical name."""

    changes: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))

    def __call__(self, event: auto.EngineEvent) -> None:
        found = event.resource_pre_event or event.res_outputs_event
        metadata = found.metadata if found else None
        if metadata is not None and str(metadata.op.value) not in ("same", "refresh"):
            name = metadata.urn.rpartition("::")[2]
            diffs = metadata.diffs or list(metadata.detailed_diff or ())
            self.changes[name].append(Change(metadata.op.value, tuple(diffs)))


@dataclass
class Contract:
    """One lane's run. `changes` tells what each phase did to each case, `states` what each resource was after it."""

    engine: Engine
    boto: Clients
    lane: str
    cases: tuple[Case, ...]
    changes: dict[Phase, dict[str, list[Change]]] = field(default_factory=dict[Phase, dict[str, list[Change]]])
    states: dict[Phase, dict[str, Outputs]] = field(default_factory=dict[Phase, dict[str, Outputs]])
    inputs: dict[str, Inputs] = field(default_factory=dict[str, Inputs])
    left: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def run(self) -> Contract:
        """Go through all phases; a phase that the engine fails raises with its output."""
        before = {case.name: case.left(self.boto) for case in self.cases}
        stage = {"update": False, "replace": False}
        stack = self.engine.stack(self.lane, lambda: self._program(**stage))
        self._step(Phase.PREVIEW, stack.preview)
        self._step(Phase.CREATE, stack.up)
        self._keep(Phase.CREATE, stack)
        self._step(Phase.UNCHANGED, stack.preview)
        stage["update"] = True
        self._step(Phase.UPDATE, stack.up)
        stage["replace"] = True
        self._step(Phase.REPLACE, stack.up)
        self._keep(Phase.REPLACE, stack)
        for case in self.cases:
            if case.tamper:
                case.tamper(self.boto, self.states[Phase.REPLACE][case.name])
        self._step(Phase.TAMPERED, stack.refresh)
        self._step(Phase.REPAIR, stack.up)
        self._step(Phase.SETTLED, stack.preview, refresh=True)
        self._keep(Phase.SETTLED, stack)
        self._import()
        self._step(Phase.DESTROY, stack.destroy)
        self.left = {case.name: case.left(self.boto) - before[case.name] for case in self.cases}
        return self

    def _program(self, *, update: bool, replace: bool) -> None:
        for case in self.cases:
            needs = case.needs(case.name)
            inputs = case.inputs(needs)
            if update and case.update:
                inputs = {**inputs, **case.update(needs)}
            if replace:
                inputs = {**inputs, **case.replace(needs)}
            sdk_class(case.type)(case.name, **inputs)

    def _import(self) -> None:
        states = self.states[Phase.SETTLED]

        def program() -> None:
            for case in self.cases:
                identifier = case.import_id(states[case.name]) + self._elsewhere(states[case.name])
                options = pulumi.ResourceOptions(import_=identifier, retain_on_delete=True)
                pulumi.CustomResource(case.type, case.name, self.inputs[case.name], options)

        stack = self.engine.stack(f"{self.lane}-import", program)
        self._step(Phase.IMPORT, stack.up)
        stack.destroy()

    def _elsewhere(self, state: Outputs) -> str:
        """Return what an import's id says of a Region that is not the stack's own."""
        here = self.engine.config["aws:region"]
        return "" if state.get("region", here) == here else f"@{state['region']}"

    def _step(self, phase: Phase, operation: Callable[..., Any], **options: Any) -> None:
        recorder = Recorder()
        try:
            operation(on_event=recorder, **options)
        except auto.CommandError as error:
            raise AssertionError(f"{self.lane}: {phase} failed:\n{error}") from error
        self.changes[phase] = recorder.changes

    def _keep(self, phase: Phase, stack: auto.Stack) -> None:
        deployment = cast("dict[str, Any]", stack.export_stack().deployment)
        resources = {each["urn"].rpartition("::")[2]: each for each in deployment["resources"]}
        found = {case.name: resources[case.name] for case in self.cases}
        self.states[phase] = {name: {**each["outputs"], "id": each["id"]} for name, each in found.items()}
        self.inputs = {
            name: {key: value for key, value in each["inputs"].items() if key != "__defaults"}
            for name, each in found.items()
        }


def sdk_class(token: str) -> Any:
    """Return the SDK's class of a resource type."""
    _, module, name = token.split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{module.partition('/')[0]}"), name)


def provider_config(environment: dict[str, str], services: Iterable[str]) -> dict[str, str]:
    """Return the stack configuration that points the provider, by itself, at an embedded cloud."""
    names = {"application-autoscaling": "appautoscaling"}
    endpoints = {names.get(service, service): environment["AWS_ENDPOINT_URL"] for service in (*services, "sts")}
    return {
        "aws:region": environment["AWS_REGION"],
        "aws:accessKey": environment["AWS_ACCESS_KEY_ID"],
        "aws:secretKey": environment["AWS_SECRET_ACCESS_KEY"],
        "aws:endpoints": json.dumps([endpoints]),
        "aws:s3UsePathStyle": "true",
        "aws:defaultTags": json.dumps({"tags": {"bulkhead:contract": "yes"}}),
    }
