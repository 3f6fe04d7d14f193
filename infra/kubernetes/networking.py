"""Who reaches whom: nobody by default; the ingress controller the API, the pods their database, AWS and the issuer.

Sources: Kubernetes documentation, "Network Policies"; Amazon EKS Best Practices Guide, "Restrict access to the
instance profile assigned to the worker node" (169.254.169.254).
"""

from __future__ import annotations

from typing import Any

from infra.kubernetes.configuration import PORT
from infra.kubernetes.objects import NAME, Manifest, labels, manifest, selector
from infra.spec.service import PlatformService

_METADATA = "169.254.169.254/32"


def api_service(service: PlatformService) -> Manifest:
    """The Service of the API, for the ingress controller."""
    spec = {
        "type": "ClusterIP",
        "selector": selector("api"),
        "ports": [{"name": "http", "port": 80, "targetPort": "http", "appProtocol": "http"}],
    }
    return manifest("v1", "Service", f"{NAME}-api", service.namespace, {"spec": spec})


def network_policies(service: PlatformService) -> list[Manifest]:
    """Deny everything in the namespace, then allow what each part needs."""
    ours = {"matchLabels": {"app.kubernetes.io/name": NAME}}
    return [
        _policy(service, "deny-all", {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
        _policy(
            service,
            "api-from-ingress",
            {
                "podSelector": {"matchLabels": selector("api")},
                "policyTypes": ["Ingress"],
                "ingress": [
                    {"from": [_namespace(service.ingress_namespace)], "ports": [{"protocol": "TCP", "port": PORT}]}
                ],
            },
        ),
        _policy(
            service,
            "to-what-is-needed",
            {
                "podSelector": ours,
                "policyTypes": ["Egress"],
                "egress": [
                    {
                        "to": [_namespace("kube-system")],
                        "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
                    },
                    {
                        "to": [{"ipBlock": {"cidr": str(service.database_cidr)}}],
                        "ports": [{"protocol": "TCP", "port": 5432}],
                    },
                    {
                        "to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": [_METADATA]}}],
                        "ports": [{"protocol": "TCP", "port": 443}],
                    },
                ],
            },
        ),
    ]


def namespace(service: PlatformService) -> Manifest:
    """The namespace, in which only pods of the profile "restricted" are admitted.

    Source: Kubernetes documentation, "Enforce Pod Security Standards with Namespace Labels".
    """
    enforced = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    return manifest("v1", "Namespace", service.namespace, None, {"metadata": {"labels": labels() | enforced}})


def _namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _policy(service: PlatformService, name: str, spec: dict[str, Any]) -> Manifest:
    return manifest("networking.k8s.io/v1", "NetworkPolicy", f"{NAME}-{name}", service.namespace, {"spec": spec})
