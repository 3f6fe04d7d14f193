"""How the engine runs: which executable, where its state and secrets are, what environment its processes see."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: What processes need from the caller's environment to work at all; everything else they see is set explicitly.
INHERITED = (
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip


def inherited_environment() -> dict[str, str]:
    """The few variables that every process of ours inherits: where programs are, the locale, certificates, proxies."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def crash_safe(backend_url: str) -> str:
    """A backend's URL with which a killed engine leaves readable state.

    Beside each file a file backend writes a second one of metadata that nobody reads, and not atomically: cut short,
    it makes the state unreadable. ``metadata=skip`` leaves it out (Go CDK documentation, package ``fileblob``).

    Args:
        backend_url: Any backend's URL.
    """
    if not backend_url.startswith("file://") or "metadata=" in backend_url:
        return backend_url
    return f"{backend_url}{'&' if '?' in backend_url else '?'}metadata=skip"


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """Everything that an `Engine` must know.

    Args:
        command: The pulumi executable.
        backend_url: ``file:///...``, ``s3://...`` or ``https://...``.
        secrets_provider: ``passphrase`` or ``awskms://...``.
        passphrase_file: Holds the passphrase, mode 0600; None with any other secrets provider.
        pulumi_home: Our own Pulumi home: plugins and the engine's logs.
        runs: Lock files, settings and event logs of runs.
        environment: What programs and plugins see besides `INHERITED`: endpoint, credentials, ``BULKHEAD_*``.
        stack_config: Plain configuration values that every stack gets, as ``{"aws:region": "eu-central-1"}``.
        attach: Provider name -> ``module:function`` that serves the provider inside the worker and returns its port.
        packs: Folders of policy packs that previews and updates run; this interpreter must be able to run them.
        preload: What every warm process prepares besides a project's own: modules, or ``module:function`` to call.
    """

    command: Path
    backend_url: str
    secrets_provider: str
    passphrase_file: Path | None
    pulumi_home: Path
    runs: Path
    environment: Mapping[str, str]
    stack_config: Mapping[str, str] = field(default_factory=dict[str, str])
    attach: Mapping[str, str] = field(default_factory=dict[str, str])
    packs: tuple[Path, ...] = ()
    preload: tuple[str, ...] = ()

    def program_environment(self) -> dict[str, str]:
        """What programs and attached providers see: no passphrase, no backend."""
        return {**inherited_environment(), **self.environment}

    def cli_environment(self) -> dict[str, str]:
        """What the engine's own processes see; with it, plain ``pulumi`` commands reach the same stacks.

        The passphrase is passed by the name of its file, so that it is neither in the environment nor in argv.
        """
        environment = {
            **self.program_environment(),
            "PULUMI_HOME": str(self.pulumi_home),
            "PULUMI_BACKEND_URL": crash_safe(self.backend_url),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true",
        }
        if self.attach:  # or the engine asks the network for the plugin that the worker serves: a second a run
            environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
        if self.passphrase_file is not None:
            environment["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(self.passphrase_file)
        return environment
