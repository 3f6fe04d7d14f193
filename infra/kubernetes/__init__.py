"""The provisioning service on Kubernetes, as manifests: pure functions of the platform's spec.

`infra.kubernetes.service.manifests` returns all of them, in the order in which a cluster takes them.
"""
