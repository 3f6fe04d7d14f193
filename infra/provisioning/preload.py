"""What a worker's warm process has ready: the steps, and what they and the programs of their engine runs need."""

from __future__ import annotations

from infra.engine.workers.warm import WORKER
from infra.evaluator.catalogue.ahead import read_ahead
from infra.operations.projects import TENANTS
from infra.operations.workspace import POLICY_PACK_MODULES
from infra.promises.roles import PROMISES
from infra.provisioning.plans import plans
from infra.settings import Settings, load_settings
from infra.spec import current_estate

#: Parses the models of AWS's services.
_MODELS = "infra.aws_models:load_models"
#: What every proof begins with: words, the digest of its own code, the catalogue.
_PROOF = (
    "infra.proof.template.words:vocabulary",
    "infra.proof.template.cache:proof_version",
    "infra.provisioning.preload:read_catalogue",
)
#: Reads AWS's service models for the provider that runs inside the programs' processes.
_PROVIDER = "infra.sandbox.aws.warm:load_models"

#: What a worker's warm process calls before each step.
REFRESH = ("infra.provisioning.preload:read_specs",)


def preload(settings: Settings) -> tuple[str, ...]:
    """Modules to import and functions to call, for `infra.jobs.JobSettings`.

    Specs are not among it: a worker lives for long, and they change. See `read_specs`.

    Args:
        settings: Which cloud, which provider, and whether the policy pack runs.
    """
    steps = {step.target for plan in plans().values() for step in (*plan.steps, *([plan.undo] if plan.undo else []))}
    modules = [target.partition(":")[0] for target in sorted(steps)]
    programs = [target.partition(":")[0] for target in TENANTS.preload]
    provider = [_PROVIDER] if settings.cloud == "sandbox" and settings.provider == "offline" else []
    packs = POLICY_PACK_MODULES if settings.policy_pack else ()
    return (WORKER, _MODELS, *_PROOF, *provider, *programs, *packs, *modules)


def read_catalogue() -> None:
    """Read what AWS says of the services that tenants' roles are promised something of."""
    promised = {action for promises in PROMISES.values() for each in promises for action in each.actions}
    read_ahead(sorted({action.partition(":")[0] for action in promised}))


def read_specs() -> None:
    """Load the specs that have changed; a step and its engine run then load none.

    Raises:
        SpecErrors: something is wrong with them.
    """
    settings = load_settings()
    current_estate(settings.platform_spec, settings.specs)
