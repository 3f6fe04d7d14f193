"""Runs of one stack: what they change, what they report, what they leave."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from infra.engine import Engine, Operation, StackEvent
from infra.engine.errors import (
    BackendUnreachable,
    ProgramFailed,
    ProtectedResource,
    ResourceFailed,
    StackMissing,
    WrongPassphrase,
)
from infra.engine.stack_files import StackFiles
from tests.engine.notes_bench import Bench


def test_a_stack_is_previewed_made_changed_and_destroyed(bench: Bench, engine: Engine) -> None:
    """Each operation does what it says, and tells what it did."""
    ref = bench.want("acme", first={"text": "one"}, second={"text": "two"})

    preview = engine.run(ref, Operation.PREVIEW)
    assert preview.outcome == "succeeded", preview
    assert {(change.name, change.op) for change in preview.changes} >= {("first", "create"), ("second", "create")}
    assert bench.names() == []
    assert not engine.exists(ref), "a preview leaves no stack"

    up = engine.run(ref, Operation.UP)
    assert up.outcome == "succeeded", up
    assert bench.names() == ["acme-first", "acme-second"]
    assert up.summary["create"] == 4, "stack, shelf and two notes"
    assert up.outputs["stack"] == "acme"
    assert up.changed

    again = engine.run(ref, Operation.UP)
    assert (again.outcome, again.changed, again.changes) == ("succeeded", False, ())

    bench.want("acme", first={"text": "changed"}, second={"text": "!anew"})
    diff = engine.run(ref, Operation.PREVIEW)
    first = next(change for change in diff.changes if change.name == "first")
    assert (first.op, first.diff, first.type) == ("update", ("text",), "notes:index:Note")
    second = {change.op: change for change in diff.changes if change.name == "second"}
    assert second["replace"].replace_keys == ("text",)
    assert bench.cloud.find("notes:index:Note", {"name": "acme-first", "text": "one"}) is not None
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    assert sorted(note["text"] for note in bench.cloud.notes().values()) == ["!anew", "changed"]

    destroyed = engine.run(ref, Operation.DESTROY)
    assert destroyed.outcome == "succeeded", destroyed
    assert bench.names() == []
    engine.remove(ref)
    assert engine.stacks(bench.project) == []


def test_events_are_kept_where_they_are_wanted(bench: Bench, engine: Engine, tmp_path: Path) -> None:
    """What a preview plans outlives the stack that was made for it, and each stack has its own file."""
    refs = [bench.want(name, only={"text": name}) for name in ("acme", "globex")]
    files = {ref: tmp_path / f"{ref.stack}.jsonl" for ref in refs}
    results = engine.run_many(refs, Operation.PREVIEW, events=files)
    assert [result.outcome for result in results] == ["succeeded", "succeeded"]
    for ref in refs:
        assert not engine.exists(ref)
        events = [json.loads(line) for line in files[ref].read_text().splitlines()]
        steps = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
        assert [step["new"]["inputs"]["text"] for step in steps if step["type"] == "notes:index:Note"] == [ref.stack]
        assert any("summaryEvent" in event for event in events)


def test_a_refresh_sees_what_was_changed_behind_the_engine(bench: Bench, engine: Engine) -> None:
    """A note that somebody else changed shows up as a change of the state."""
    ref = bench.want("acme", first={"text": "one"})
    engine.run(ref, Operation.UP)
    (note,) = bench.cloud.notes()
    bench.cloud.write(note, {"name": "acme-first", "text": "by somebody else"})

    refreshed = engine.run(ref, Operation.REFRESH)

    assert refreshed.outcome == "succeeded", refreshed
    assert [(change.name, change.op) for change in refreshed.changes] == [("first", "update")]
    assert not engine.run(ref, Operation.REFRESH).changed, "the second one sees nothing new"


def test_secrets_are_masked_everywhere(bench: Bench, engine: Engine) -> None:
    """A secret output is in no result, no state and no log in plain text; the passphrase is in no log either."""
    ref = bench.want("acme", first={})
    up = engine.run(ref, Operation.UP)
    assert up.outputs["secret"] == "[secret]"
    assert engine.outputs(ref)["secret"] == "[secret]"

    passphrase = (bench.folder / "passphrase").read_text()
    written = [path for path in bench.folder.rglob("*") if path.is_file() and bench.project.folder not in path.parents]
    assert any("events.jsonl" in path.name for path in written)
    for path in written:
        content = path.read_bytes()
        assert b"not for everyone" not in content, path
        assert passphrase.encode() not in content or path.name == "passphrase", path


def test_files_of_runs_are_private(bench: Bench, engine: Engine) -> None:
    """Nobody else reads what runs leave."""
    engine.run(bench.want("acme", first={}), Operation.UP)
    assert (bench.folder / "passphrase").stat().st_mode & 0o777 == 0o600
    for path in (bench.folder / "runs").rglob("*"):
        if path.is_dir() or path.name in {"events.jsonl", "lock", "output.log"}:
            assert path.stat().st_mode & 0o077 == 0, path


def test_progress_is_reported_in_order(bench: Bench, engine: Engine) -> None:
    """A run starts, counts its resources, and finishes with its result; the second knows how many there are."""
    ref = bench.want("acme", first={}, second={})
    events: list[StackEvent] = []
    result = engine.run(ref, Operation.UP, on_event=events.append)
    assert (events[0].kind, events[-1].kind, events[-1].result) == ("started", "finished", result)
    done = [event.done for event in events if event.kind == "resource" and event.phase == "done"]
    assert done == sorted(done)
    assert {event.change.name for event in events if event.change} == {"shelf", "first", "second"}

    again: list[StackEvent] = []
    engine.run(ref, Operation.UP, on_event=again.append)
    assert again[-1].total == again[-1].done > 0


def test_settings_reach_the_program_and_not_the_project(bench: Bench) -> None:
    """Configuration of all stacks is seen by programs; no file appears beside the project's own."""
    settings = dataclasses.replace(bench.settings, stack_config={"notes:region": "eu-central-1"})
    ref = bench.want("acme", first={})
    with Engine(settings) as engine:
        assert engine.run(ref, Operation.UP).outputs["region"] == "eu-central-1"
    assert sorted(path.name for path in bench.project.folder.iterdir()) == ["Pulumi.yaml", "src"]


def test_the_projects_own_settings_are_the_base(bench: Bench) -> None:
    """A stack file that a team keeps in the project is read; values for every stack win over it."""
    (bench.project.folder / "Pulumi.acme.yaml").write_text("config:\n  notes:region: from-the-file\n")
    ref = bench.want("acme", first={})
    with bench.engine() as engine:
        assert engine.run(ref, Operation.UP).outputs["region"] == "from-the-file"
    with Engine(dataclasses.replace(bench.settings, stack_config={"notes:region": "from-all"})) as engine:
        assert engine.run(ref, Operation.UP).outputs["region"] == "from-all"


def test_a_users_mistake_is_shown_as_its_own_text(bench: Bench, engine: Engine) -> None:
    """A UserError of the program comes back as such: message, remedy, place; no stack trace anywhere."""
    result = engine.run(bench.want("acme", mistake={}), Operation.UP)
    assert result.outcome == "failed"
    assert isinstance(result.error, ProgramFailed)
    assert (result.error.message, result.error.remedy, result.error.where) == (
        "the spec is wrong",
        "correct it",
        "spec.yaml",
    )
    assert not any("Traceback" in entry.message for entry in result.diagnostics)


def test_a_bug_in_the_program_is_shown_with_its_trace(bench: Bench, engine: Engine) -> None:
    """The positive control of the test above: anything else keeps its stack trace, as a diagnostic."""
    result = engine.run(bench.want("acme", bug={}), Operation.UP)
    assert isinstance(result.error, ProgramFailed)
    assert result.error.message == "ValueError: a bug in the program"
    assert any("Traceback" in entry.message for entry in result.diagnostics)


def test_a_refused_resource_is_named(bench: Bench, engine: Engine) -> None:
    """The provider's refusal comes back with the resource's URN; what was made stays and the next run goes on."""
    ref = bench.want("acme", good={}, bad={"text": "refused", "chained": True})
    result = engine.run(ref, Operation.UP)
    assert isinstance(result.error, ResourceFailed), result
    assert result.error.urn.endswith("::bad")
    assert "the cloud refuses acme-bad" in result.error.message
    assert bench.names() == ["acme-good"]
    bench.want("acme", good={}, bad={"text": "fine"})
    assert engine.run(ref, Operation.UP).outcome == "succeeded"
    assert bench.names() == ["acme-bad", "acme-good"]


def test_a_protected_resource_is_not_destroyed(bench: Bench, engine: Engine) -> None:
    """Destroy is refused and names the resource; once it is unprotected, it works."""
    ref = bench.want("acme", first={"protect": True})
    engine.run(ref, Operation.UP)
    refused = engine.run(ref, Operation.DESTROY)
    assert isinstance(refused.error, ProtectedResource), refused
    assert [urn.rsplit("::", 1)[-1] for urn in refused.error.urns] == ["first"]
    assert bench.names() == ["acme-first"]
    engine.unprotect(ref)
    assert engine.run(ref, Operation.DESTROY).outcome == "succeeded"


def test_a_wrong_passphrase_is_told_and_changes_nothing(bench: Bench, engine: Engine) -> None:
    """Another passphrase does not open the stack."""
    ref = bench.want("acme", first={})
    engine.run(ref, Operation.UP)
    (bench.folder / "passphrase").write_text("another one")
    bench.want("acme", first={}, second={})
    result = engine.run(ref, Operation.UP)
    assert isinstance(result.error, WrongPassphrase), result
    assert bench.names() == ["acme-first"]


def test_stacks_of_one_passphrase_share_its_salt(bench: Bench, engine: Engine) -> None:
    """The engine derives one key for all of them; with another passphrase a new stack has a salt of its own."""
    acme, globex, initech = (bench.want(name, first={}) for name in ("acme", "globex", "initech"))
    for ref in (acme, globex):
        assert engine.run(ref, Operation.UP).outcome == "succeeded"
    (bench.folder / "passphrase").write_text("another one")
    assert engine.run(initech, Operation.UP).outcome == "succeeded"
    salts = [StackFiles(bench.settings.runs, ref).salt for ref in (acme, globex, initech)]
    assert salts[0] == salts[1] != salts[2]
    assert None not in salts


def test_a_backend_that_cannot_be_read_is_told(bench: Bench) -> None:
    """A backend out of reach is an error of its own, with a remedy."""
    settings = dataclasses.replace(bench.settings, backend_url="http://127.0.0.1:1")
    with Engine(settings) as engine:
        result = engine.run(bench.want("acme", first={}), Operation.UP)
    assert isinstance(result.error, BackendUnreachable), result
    assert result.error.remedy


def test_a_stack_that_is_not_there_is_not_destroyed(bench: Bench, engine: Engine) -> None:
    """Destroying or asking for what does not exist is an error that says so."""
    ref = bench.want("acme", first={})
    assert isinstance(engine.run(ref, Operation.DESTROY).error, StackMissing)


def test_the_exported_state_is_the_engines(bench: Bench, engine: Engine) -> None:
    """An export has the resources, with their parents and encrypted secrets."""
    ref = bench.want("acme", first={})
    engine.run(ref, Operation.UP)
    exported = engine.export(ref)
    types = [resource["type"] for resource in exported["deployment"]["resources"]]
    assert types.count("notes:index:Note") == 1
    assert "not for everyone" not in json.dumps(exported)
