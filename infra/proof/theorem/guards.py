"""Which actions change what the proof rests on: policies, keys, boundaries, endpoints, logs and the tags of owners.

Source: Service Authorization Reference, access level "Permissions management" of each service's actions; what grants,
redirects or hides beside these is in the table, by the pages of the actions in the services' API references.
"""

from __future__ import annotations

from functools import lru_cache

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel, Action
from infra.evaluator.glob import Matcher, Template, any_matcher


def _any_of(*texts: str) -> Matcher:
    return any_matcher(Template.parse(text, variables=False).resolve(lambda _: None) or () for text in texts)


#: They manage permissions by their level, and give nobody what the proof counts on being withheld: one attaches an
#: interface of its own to what AWS runs for it, the others end what somebody was given, or only look.
_HARMLESS = _any_of(
    "ec2:createnetworkinterfacepermission",
    "ec2:deletenetworkinterfacepermission",
    "ec2:*placementgroup",
    "kms:retiregrant",
    "secretsmanager:validateresourcepolicy",
)
#: Who is whom, and what each may: but passing a role is a step of a chain, a service's own role has the policy that AWS
#: wrote for it, and the rest is about one's own sign-in.
_NOT_IN_IAM = _any_of(
    "iam:*mfadevice",
    "iam:changepassword",
    "iam:createservicelinkedrole",
    "iam:deleteservicelinkedrole",
    "iam:passrole",
)
#: What decides about access to a resource, or about where its content goes, whoever owns it.
_OF_ANY_RESOURCE = _any_of(
    "iam:*",
    "organizations:*",
    "sso:*",
    "rolesanywhere:*",
    "ram:*",
    "lakeformation:*",
    # a key: its end, its material, its name
    "kms:*alias",
    "kms:cancelkeydeletion",
    "kms:deleteimportedkeymaterial",
    "kms:disable*",
    "kms:enablekey",
    "kms:importkeymaterial",
    "kms:replicatekey",
    "kms:schedulekeydeletion",
    "kms:updateprimaryregion",
    # a bucket: its settings, and what copies it elsewhere
    "s3:*accesspoint*",
    "s3:deletebucket*",
    "s3:putbucket*",
    "s3:put*configuration",
    # policies whose actions have the level Write
    "backup:*vaultaccesspolicy",
    "ecr:putimagetagmutability",
    "ecr:putreplicationconfiguration",
    "elasticfilesystem:*filesystempolicy",
    "es:updatedomainconfig",
    "es:updateelasticsearchdomainconfig",
    "kafka:*clusterpolicy",
    "kinesis:*resourcepolicy",
    "logs:*accountpolicy",
    "logs:*destinationpolicy",
    "logs:*kmskey",
    "logs:putdestination",
    "logs:*subscriptionfilter",
    "sagemaker:*modelpackagegrouppolicy",
    "glue:*resourcepolicy",
    # ways through endpoints
    "ec2:*vpcendpoint*",
)
#: What records the requests of all: it is nobody's own.
_OF_SHARED_RESOURCES = _any_of(
    "cloudtrail:*",
    "config:*",
    "ec2:*flowlogs",
    "guardduty:*",
    "logs:delete*",
    "logs:*retentionpolicy",
    "logs:*dataprotectionpolicy",
    "s3:deleteobject*",
    "securityhub:*",
)
_CHANGES = frozenset({AccessLevel.WRITE, AccessLevel.PERMISSIONS})


@lru_cache(maxsize=4096)
def guarded(service: str, *, shared: bool) -> tuple[str, ...]:
    """The actions of a service that change what the proof rests on, but for those that change tags.

    Args:
        service: Its prefix.
        shared: Whether on what is shared, which has more of it.
    """
    return tuple(one.full_name for one in catalogue.actions(service) if _is_guarded(one, shared=shared))


@lru_cache(maxsize=4096)
def tagging(service: str) -> tuple[str, ...]:
    """The actions of a service that change tags."""
    return tuple(one.full_name for one in catalogue.actions(service) if one.access_level is AccessLevel.TAGGING)


def _is_guarded(one: Action, *, shared: bool) -> bool:
    name = one.full_name.lower()
    if one.access_level not in _CHANGES or _HARMLESS(name) or _NOT_IN_IAM(name):
        return False
    if one.access_level is AccessLevel.PERMISSIONS or _OF_ANY_RESOURCE(name):
        return True
    return shared and _OF_SHARED_RESOURCES(name)
