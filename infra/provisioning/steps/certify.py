"""The last step of an erasure: the certificate is signed and kept, and the tenant's spec is removed.

From then on nothing but the certificate and the tenant's id is left of it; the id is not used again.
"""

from __future__ import annotations

from infra.erasure import page, signing
from infra.erasure.certificate import Certificate, Erasure, issue
from infra.erasure.removal import utc_now
from infra.gitops import Author, SpecChange, SpecMissing
from infra.jobs.processes.call import StepCall
from infra.provisioning import certificates
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.erasing import Erasing
from infra.provisioning.exports import kept_export
from infra.store import erasures
from infra.store.database import reading, transaction
from infra.store.erasures import StoredCertificate

_AUTHOR = Author(name="Bulkhead", email="erasure@bulkhead.invalid")


def run(call: StepCall) -> Result:
    """Certify the erasure.

    Args:
        call: ``requested_by`` of its arguments: who asked for it.

    Returns:
        ``key``: the fingerprint of the key that signed; ``removed`` and ``ending``: how many things.

    Raises:
        StepFailed: Something is left after all.
    """
    return run_step(_certify, call)


def _certify(work: Work, call: StepCall) -> Result:
    erasing = Erasing(work, call)
    with reading(work.store) as connection:
        kept = erasures.certificate_of(connection, erasing.tenant)
    if kept is None:
        kept = _issued(erasing, call)
        with transaction(work.store) as connection:
            erasures.keep_certificate(connection, kept)
    _remove_spec(work, erasing.tenant, call.operation)
    return {"operation": kept.operation, "issued": kept.at.isoformat()}


def _issued(erasing: Erasing, call: StepCall) -> StoredCertificate:
    found, state = erasing.take(), erasing.take_state()
    erasing.require_empty(found, state)
    journal, now = erasing.journal, utc_now()
    erasure = Erasure(
        owner=erasing.owner,
        operation=call.operation,
        requested_by=str(call.arguments["requested_by"]),
        performed_by=str(erasing.account.read("sts", "get_caller_identity")["Arn"]),
        started=journal.began() or now,
        finished=now,
    )
    certificate = issue(
        erasure,
        before=journal.before(),
        after=(found, state),
        removed=journal.removed((found, state)),
        more=kept_export(journal),
    )
    return _stored(erasing, certificate)


def _stored(erasing: Erasing, certificate: Certificate) -> StoredCertificate:
    signer = certificates.signer(erasing.work.settings, lambda: erasing.backend)
    signed = signing.signed(certificate, signer)
    return StoredCertificate(
        tenant=certificate.tenant,
        operation=certificate.operation,
        json=signing.render(signed),
        pdf=page.render(certificate, signing.fingerprint(signer.public)),
        at=utc_now(),
    )


def _remove_spec(work: Work, tenant: str, operation: str) -> None:
    try:
        spec = work.specs.read(tenant)
        work.specs.write(
            SpecChange(
                tenant=tenant, content=None, expected=spec.etag, author=_AUTHOR,
                message=f"Remove {tenant}, which was erased by operation {operation}",
            )
        )  # fmt: skip
    except SpecMissing:
        return
