"""Which layers keep a promise on their own: the table of the defence in depth.

A layer that is listed refuses every request of the promise that it meets, whatever the other layers allow. A layer that
is not listed lets at least one through, and so leaves it to the others. Both are tested.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.isolation.broken.layers import Layer

_LAYERS = {
    "I": Layer.IDENTITY,
    "B": Layer.BOUNDARY,
    "D": Layer.DENIALS,
    "R": Layer.RESOURCE,
    "T": Layer.TRUST,
    "E": Layer.ENDPOINT,
}

#: Promise to its layers by their first letters: Identity, Boundary, the boundary's Denials, Resource, Trust, Endpoint.
_TABLE = {
    # objects
    "no tenant reaches another tenants buckets": "I B R E",
    "nobody passes another tenants s3 endpoint": "E",
    "no data leaves through the s3 endpoint": "B E",
    "no role uses its buckets names in another account": "B",
    "no role uses a bucket whose name extends its own": "I B E",
    "nobody else of the account reaches a tenants bucket": "I R",
    "no outsider reaches a tenants bucket": "R",
    "the provisioning role sees no content": "R",
    "the config role sees no objects": "I R",
    "only the provisioning role configures a tenants bucket": "I R",
    "no object travels in the clear": "R",
    "no object is written under another key": "R",
    "workloads reach buckets through the tenants endpoint only": "R",
    "nobody deletes a version": "R",
    # keys
    "no tenant reaches another tenants key": "I B D R E",
    "no tenant uses an untagged key": "I B R E",
    "nobody passes another tenants key endpoint": "I E",
    "no data is encrypted by another accounts key": "I B E",
    "nobody else uses a tenants key": "I R",
    "nobody else administers a tenants key": "R",
    "who administers a key does not use it": "I R",
    "who uses a key does not administer it": "I B D R",
    "only the provisioning role ends grants": "I R",
    "roles without data of their own use the key in their buckets only": "I R",
    "grants are for resources of services": "I B R",
    "only who has volumes makes grants": "I R",
    # models
    "no tenant pulls or pushes another tenants images": "I B R E",
    "no tenant looks at or keeps another tenants images": "I B",
    "nobody else pulls or pushes a tenants images": "I B D R",
    "no outsider reaches images": "R",
    "no tenant changes the platforms images": "I R",
    "no tenant keeps the platforms images": "I B",
    "images come and go through endpoints by their owner only": "R E",
    "nobody uses a repository whose name extends its own": "I B E",
    "no tenant reads or writes another tenants versions": "I B R E",
    "no tenant looks at or keeps another tenants registry": "I B E",
    "nobody else reads or writes a tenants versions": "R",
    "outsiders do not even look at a registry": "R",
    "who registers a version does not approve it": "I",
    "no tenant calls another tenants endpoint": "I B E",
    "nobody else passes a tenants runtime endpoint": "E",
    "no tenant sees or changes what another tenant serves": "I B E",
    "no role of a tenant changes what it serves": "I B E",
    "only invokers invoke": "I",
    "no call chooses among models": "I",
    "no tenant starts sees or stops another tenants jobs": "I B E",
    "no job is open or unencrypted": "I",
    "nobody uses the sagemaker api endpoint for another tenant": "I B D E",
    # logs
    "no tenant reads writes or changes another tenants logs": "I B E",
    "no tenant reads the platforms logs": "I B",
    "no tenant lists the streams of all jobs": "I B",
    "no tenant makes log groups under other names": "I",
    "nobody else passes the logs endpoint": "I B E",
    "no role publishes metrics of others": "I B E",
    "nobody else passes the monitoring endpoint": "E",
    "no role of a tenant changes alarms": "I B D",
    "no role of a tenant uses topics": "I B",
    "no outsider uses topics": "R",
    "no message travels in the clear": "R",
    # sessions
    "no tenant acts as another tenant": "I B D T",
    "nobody else acts as a tenant": "I T",
    "nobody else acts for the platform": "I B T",
    "the gateway acts in sessions of the tenant only": "T",
    "the gateway is nobody but an invoker": "I T",
    "a service acts for the account and for the roles own jobs only": "T",
    "a service acts for the platform by its own role only": "T",
    "only the tenants group signs in": "T",
    "only one environment of one repository deploys": "T",
    "roles are passed to sagemaker only and by their tenant only": "I B",
    "a scientists job runs as the training role": "I",
    "no session of others comes from a tenants network": "I T E",
    # tampering
    "no role of a tenant opens a wall": "I B D",
    "no role of a tenant manages permissions": "I B",
    "no role of a tenant changes its own walls": "I B D",
    "no role of a tenant touches what carries another tenants tag": "B D",
    "no tenants workloads enter another tenants network": "I",
    "no tenants workloads enter another accounts network": "I",
    "nobody but workloads makes interfaces": "I",
    "nobody acts for a suspended tenant": "B D",
    # provisioning_identities
    "it makes no unbounded role": "I",
    "it mixes no tenants": "I",
    "it makes no roles elsewhere": "I",
    "it looks at no role but of the stage": "I",
    "it writes policies into bounded roles only": "I",
    "it never changes who is bounded": "I B",
    "it never changes the platforms identities": "B D",
    "it passes execution roles to their services only": "I B",
    "it passes each role to the service that it is for": "I",
    "it makes one service linked role": "I",
    "it acts as nobody else": "I B T",
    # provisioning_data
    "it makes and administers tenants keys only": "I",
    "it touches no key of another account": "I",
    "it leaves the platforms key": "I B D R",
    "it names tenants keys only": "I",
    "it uses no key": "I B D R",
    "it sees and writes no content": "I B D R",
    "it touches no bucket but tenants": "I",
    "it touches no records": "B D R",
    # provisioning_networks
    "it makes and changes no network but tenants": "I",
    "it builds in no network of others": "I",
    "it touches no network of another account": "I",
    "it never changes whose a network is": "I",
    # provisioning_workloads
    "it calls no model pulls no image and reads no logs": "I B D",
    "it leaves what is shared": "B D",
    "it makes no model that could call out": "I",
    "it makes nothing outside the stage": "I",
    "it scales nothing but endpoints": "I",
    "its boundary ends where provisioning ends": "I B",
    # provisioning_leftovers
    "it removes no work but the stages": "I",
    "it removes no leftovers but the stages": "I",
    "it lists no streams but of jobs": "I",
    "it removes no streams but of the stages jobs": "I",
    "it detaches from tenants roles only": "I",
    "it removes nothing by tags that are not a tenants": "I",
    "it reads nothing of what it removes": "I B",
    # erasures
    "an erasure removes nothing of another tenant": "I",
    "an export reads its tenants buckets only": "I R",
    "an export ends by the clock": "I",
    "the gateway does nothing but assume invoke roles": "I R",
    # records
    "no role of the blueprint reads or writes records": "B R",
    "config reads no records": "I",
    "config delivers under its path and key only": "I",
    "nobody deletes a record": "R",
    "no outsider reaches records": "R",
    "records travel encrypted and lie under the platforms key": "R",
    "services deliver for this account only": "R",
    # platform
    "no role of a tenant grants the platforms key": "I B",
    "no role of the blueprint uses or administers the platforms key": "B R",
    "the account uses the platforms key by services only": "R",
    "services use keys for their owner only": "R",
    "services publish for the owner only": "R",
    "only serving roles are let to the platforms images": "I",
    "the platforms repository lets only serving roles in": "R",
    "flow logs write into their groups only": "I",
    # previews
    "only one environment of one repository previews": "T",
    "nobody else assumes the preview role": "I B T",
    "a preview finds and reads the state only": "I R",
    "a preview decrypts by the states key only": "I R",
    "a preview reads nothing of tenants but digests": "I R",
    "a preview lists and looks at nothing of tenants": "I",
    "a preview changes nothing of tenants": "I R",
    "a preview changes nothing": "I",
    "a preview acts as nobody else": "I T",
    "a preview looks at the accounts detectors only": "I",
    # audits
    "the auditor reads no content": "I",
    "the auditor changes nothing": "I",
    "the auditor acts as nobody else": "I T",
}

RESPONSIBLE: Mapping[str, frozenset[Layer]] = {
    promise: frozenset(_LAYERS[letter] for letter in letters.split()) for promise, letters in _TABLE.items()
}
