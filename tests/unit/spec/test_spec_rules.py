"""The rules between the specs: each finds its broken estate, names the place, and its remedy makes the estate load."""

from __future__ import annotations

import re
from typing import Any, cast

import botocore.session
import pytest

from infra.spec import SpecErrors, load_estate
from infra.spec.rules.instance_types import endpoint_instance_types
from tests.unit.spec.estates import Document, Files, changed, model, tenant


def pool(count: int, **changes: str) -> list[Document]:
    """Tenants of tier pool, each with a /24 of the cell ``main`` or of the one that `changes` names."""
    return [tenant(f"t{index:02}", cidr=f"10.64.{index}.0/24", **changes) for index in range(count)]


def free_range(remedy: str) -> str:
    """The range that a remedy proposes."""
    found = re.search(r"write (\d+\.\d+\.\d+\.\d+/\d+)", remedy)
    assert found, remedy
    return found[1]


def test_a_valid_estate_has_no_problem(files: Files) -> None:
    """Positive control: two pool tenants side by side and two silos pass every rule."""
    files.tenants = [
        *pool(2),
        tenant("globex", cidr="10.80.0.0/22", cell=None),
        tenant("initech", cidr="192.168.0.0/24", cell=None),
    ]
    assert files.problems() == ()


def test_file_name(files: Files) -> None:
    """A tenant's file is called after its id."""
    files.write()
    (files.specs / "acme.yaml").rename(files.specs / "akme.yaml")
    with pytest.raises(SpecErrors) as caught:
        load_estate(files.platform_file, files.specs)
    (problem,) = caught.value.problems
    assert (problem.key, problem.value) == ("id", '"acme"')
    assert "rename the file to acme.yaml" in problem.remedy


def test_unique_ids(files: Files) -> None:
    """Two files with one id: both the id and the wrong file name are reported, and the other file is named."""
    files.write()
    other = files.specs / "beta.yaml"
    other.write_text((files.specs / "acme.yaml").read_text().replace("10.64.0.0", "10.64.1.0"))
    with pytest.raises(SpecErrors) as caught:
        load_estate(files.platform_file, files.specs)
    assert {(problem.file, problem.key) for problem in caught.value.problems} == {(other, "id")}
    assert any("acme.yaml has this id too" in problem.message for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("cells", [{"name": "a", "cidr": "10.0.0.0/16"}, {"name": "a", "cidr": "10.1.0.0/16"}], "cells[1].name"),
        ("availability_zones", ["eu-central-1a", "eu-central-1a"], "availability_zones[1]"),
        ("serving_images", [{"framework": "sklearn"}, {"framework": "sklearn"}], "serving_images[1].framework"),
    ],
)
def test_unique_parts_of_the_platform(files: Files, key: str, value: object, where: str) -> None:
    """Cells, zones and serving images are there once."""
    files.tenants = []
    assert files.problems() == ()
    files.platform = changed(files.platform, (key, value))
    assert files.problem().key == where


def test_unique_models(files: Files) -> None:
    """A tenant's models have names of their own."""
    files.tenants = [changed(tenant(), ("models", [model("a"), model("b")]))]
    assert files.problems() == ()
    files.tenants = [changed(tenant(), ("models", [model("a"), model("a")]))]
    assert files.problem().key == "models[1].name"


@pytest.mark.parametrize(
    ("document", "key", "remedy"),
    [
        (tenant(cell="mian"), "network.cell", "write main"),
        (changed(tenant(), ("network.cell", ...)), "network", "add cell: main"),
        (changed(tenant(cidr="10.80.0.0/22"), ("tier", "silo")), "network.cell", "remove the key, or write tier: pool"),
    ],
)
def test_placement(files: Files, document: Document, key: str, remedy: str) -> None:
    """A pool tenant names a cell that exists, and a silo none."""
    files.tenants = [document]
    problem = files.problem()
    assert problem.key == key
    assert remedy in problem.remedy


@pytest.mark.parametrize("cidr", ["10.65.0.0/24", "10.64.255.0/26", "10.64.128.0/17"])
def test_range_inside_the_cell(files: Files, cidr: str) -> None:
    """A tenant's range is in its cell and not in the platform's last /24; the range that is proposed is free."""
    files.tenants = [tenant(cidr="10.64.0.0/24"), tenant("beta", cidr=cidr)]
    problem = files.problem()
    assert (problem.key, problem.value) == ("network.cidr", f'"{cidr}"')
    files.tenants[1] = tenant("beta", cidr=free_range(problem.remedy))
    assert files.problems() == ()


def test_a_cell_has_room_for_tenants(files: Files) -> None:
    """A /24 is the platform's own part and no more; the larger range that is proposed is taken."""
    files.tenants = []
    files.platform = changed(files.platform, ("cells.0.cidr", "10.64.3.0/24"))
    problem = files.problem()
    assert problem.key == "cells[0].cidr"
    files.platform = changed(files.platform, ("cells.0.cidr", free_range(problem.remedy)))
    assert files.problems() == ()


@pytest.mark.parametrize("cidr", ["10.64.0.0/24", "10.64.0.0/23", "10.64.0.128/25"])
def test_tenants_of_a_cell_do_not_overlap(files: Files, cidr: str) -> None:
    """Overlapping tenants are named, and the range that is proposed is free."""
    files.tenants = [tenant(), tenant("beta", cidr=cidr), tenant("gamma", cidr="10.64.2.0/23")]
    problem = files.problem()
    assert problem.key == "network.cidr"
    other = {"acme.yaml": "beta", "beta.yaml": "acme"}[problem.file.name]
    assert other in problem.message
    position = ["acme.yaml", "beta.yaml"].index(problem.file.name)
    files.tenants[position] = changed(files.tenants[position], ("network.cidr", free_range(problem.remedy)))
    assert files.problems() == ()


@pytest.mark.parametrize(
    ("cells", "silos", "at"),
    [
        (["10.64.0.0/16", "10.64.128.0/17"], [], "cells[1].cidr"),
        (["10.64.0.0/16"], ["10.64.7.0/24"], "network.cidr"),
        (["10.64.0.0/16"], ["10.80.0.0/22", "10.80.2.0/24"], "network.cidr"),
        (["192.168.0.0/16"], ["192.168.1.0/24"], "network.cidr"),
    ],
)
def test_vpcs_do_not_overlap(files: Files, cells: list[str], silos: list[str], at: str) -> None:
    """Cells and silos have ranges of their own; the range that is proposed is free."""
    files.platform = changed(
        files.platform, ("cells", [{"name": f"c{index}", "cidr": cidr} for index, cidr in enumerate(cells)])
    )
    files.tenants = [tenant(f"s{index}", cidr=cidr, cell=None) for index, cidr in enumerate(silos)]
    problem = files.problem()
    assert problem.key == at
    proposed = free_range(problem.remedy)
    if at.startswith("cells"):
        files.platform = changed(files.platform, ("cells.1.cidr", proposed))
    else:
        files.tenants[-1] = changed(files.tenants[-1], ("network.cidr", proposed))
    assert files.problems() == ()


def test_a_full_cell(files: Files) -> None:
    """22 tenants fit by AWS's default of 50 interface endpoints; the 23rd needs another cell or a higher quota."""
    many = ("quotas.gateway_endpoints_per_region", 100)
    files.platform = changed(files.platform, many)
    files.tenants = pool(22)
    assert files.problems() == ()
    files.tenants = pool(23)
    problem = files.problem()
    assert (problem.file, problem.key, problem.value) == (files.platform_file, "cells[0].name", '"main"')
    assert "it holds 23 tenants, and 22 fit" in problem.message
    assert "move 1 of them to a new cell" in problem.remedy
    assert "quotas: {interface_endpoints_per_vpc: 52}" in problem.remedy
    files.platform = changed(files.platform, many, ("quotas.interface_endpoints_per_vpc", 52))
    assert files.problems() == ()


def test_a_full_cell_names_the_cell_with_room(files: Files) -> None:
    """Where another cell has room, the remedy says how much, and moving there helps."""
    files.platform = changed(
        files.platform,
        ("quotas", {"interface_endpoints_per_vpc": 10, "gateway_endpoints_per_region": 9}),
        ("cells.0", {"name": "main", "cidr": "10.64.0.0/16"}),
    )
    files.platform["cells"].append({"name": "second", "cidr": "10.65.0.0/16"})
    files.tenants = pool(3)
    assert "another cell: second (room for 2)" in files.problem().remedy
    files.tenants[2] = tenant("t02", cidr="10.65.0.0/24", cell="second")
    assert files.problems() == ()


@pytest.mark.parametrize(
    ("quotas", "needed"),
    [
        ({"subnets_per_vpc": 4}, {"subnets_per_vpc": 6}),
        ({"rules_per_security_group": 1}, {"rules_per_security_group": 2}),
    ],
)
def test_other_quotas_of_a_cell(files: Files, quotas: dict[str, int], needed: dict[str, int]) -> None:
    """Subnets and rules of the shared group bound a cell as well, and the value that is proposed suffices."""
    files.platform = changed(files.platform, ("quotas", quotas))
    files.tenants = pool(2)
    (proposed,) = ((key, value) for key, value in needed.items())
    assert f"quotas: {{{proposed[0]}: {proposed[1]}}}" in files.problem().remedy
    files.platform = changed(files.platform, ("quotas", needed))
    assert files.problems() == ()


@pytest.mark.parametrize(("quota", "enough"), [("gateway_endpoints_per_region", 3), ("vpcs_per_region", 2)])
def test_quotas_of_the_region(files: Files, quota: str, enough: int) -> None:
    """Gateway endpoints (one a tenant) and VPCs (one a cell and silo) bound a Region."""
    files.tenants = [*pool(2), tenant("globex", cidr="10.80.0.0/22", cell=None)]
    files.platform = changed(files.platform, (f"quotas.{quota}", enough - 1))
    problem = files.problem()
    assert problem.key == f"quotas.{quota}"
    assert f"quotas: {{{quota}: {enough}}}" in problem.remedy
    files.platform = changed(files.platform, (f"quotas.{quota}", enough))
    assert files.problems() == ()


def test_residency(files: Files) -> None:
    """A tenant is only where its data may be."""
    files.tenants = [changed(tenant(), ("data_residency", ["eu-west-1", "eu-central-1"]))]
    assert files.problems() == ()
    files.tenants = [changed(tenant(), ("data_residency", ["eu-west-1"]))]
    problem = files.problem()
    assert (problem.key, problem.value) == ("region", '"eu-central-1"')
    assert "add eu-central-1 to data_residency" in problem.remedy


def test_one_region(files: Files) -> None:
    """A tenant is in its platform's Region."""
    files.tenants = [changed(tenant(), ("region", "eu-west-1"), ("data_residency", ["eu-west-1"]))]
    problem = files.problem()
    assert problem.key == "region"
    assert "write eu-central-1" in problem.remedy


def test_zones(files: Files) -> None:
    """A zone is of the platform's Region."""
    files.platform = changed(files.platform, ("availability_zones", ["eu-central-1a", "eu-west-1b"]))
    assert files.problem().key == "availability_zones[1]"


def test_subnet_sizes(files: Files) -> None:
    """Two zones, 2 endpoints, 4 instances doubled: 5 + 2 + 4 addresses a subnet fit in a /28, 8 instances do not."""
    files.tenants = [changed(tenant(cidr="10.64.0.0/27"), ("models.0.instances", {"min": 2, "max": 4}))]
    assert files.problems() == ()
    files.tenants = [changed(tenant(cidr="10.64.0.0/27"), ("models.0.instances", {"min": 2, "max": 10}))]
    problem = files.problem()
    assert problem.key == "network.cidr"
    assert "each needs 17 addresses" in problem.message
    files.tenants = [changed(files.tenants[0], ("network.cidr", free_range(problem.remedy)))]
    assert files.problems() == ()


def test_smallest_subnet(files: Files) -> None:
    """A range that would give subnets below /28 is too small even for a tenant without models."""
    files.tenants = [changed(tenant(cidr="10.64.0.0/28"), ("models", []))]
    assert files.problem().key == "network.cidr"
    files.tenants = [changed(tenant("globex", cidr="10.80.0.0/28", cell=None), ("models", []))]
    assert "a /27 or a larger range" in files.problem().remedy


def test_tenant_quotas(files: Files) -> None:
    """A tenant's models and instances stay within its quotas; models that are not served take no instance."""
    quotas = {"max_models": 2, "max_endpoint_instances": 4}
    second = changed(model("b"), ("serve_on", "none"))
    files.tenants = [changed(tenant(), ("quotas", quotas), ("models", [model("a"), second]))]
    assert files.problems() == ()
    files.tenants = [changed(tenant(), ("quotas", quotas), ("models", [model("a"), model("b")]))]
    assert "max_endpoint_instances: 8" in files.problem().remedy
    files.tenants = [changed(tenant(), ("quotas", {"max_models": 0}))]
    problem = files.problem()
    assert problem.key == "models"
    assert "max_models: 1" in problem.remedy


@pytest.mark.parametrize("stage", ["prod", "prod2"])
def test_production_spans_two_zones(files: Files, stage: str) -> None:
    """In production a served model has two instances; elsewhere, and where it is not served, one is enough."""
    files.tenants = [changed(tenant(), ("models.0.instances", {"min": 1, "max": 4}))]
    assert files.problems() == ()
    files.platform = changed(files.platform, ("stage", stage))
    assert files.problem().key == "models[0].instances.min"
    files.tenants = [changed(files.tenants[0], ("models.0.serve_on", "none"))]
    assert files.problems() == ()


@pytest.mark.parametrize("service", ["guardduty", "config"])
def test_regimes_need_the_audit(files: Files, service: str) -> None:
    """Under HIPAA and SOC 2 no audit service is off; GDPR alone does not say so."""
    files.platform = changed(files.platform, (f"audit.{service}", "off"))
    files.tenants = [changed(tenant(), ("compliance", ["gdpr"]))]
    assert files.problems() == ()
    files.tenants = [changed(tenant(), ("compliance", ["hipaa", "gdpr", "soc2"]))]
    problem = files.problem()
    assert (problem.file, problem.key) == (files.platform_file, f"audit.{service}")
    assert "acme is under hipaa and soc2" in problem.message


def test_own_tags(files: Files) -> None:
    """The blueprint's own tags cannot be written, whatever their case, and all together are 50 at most."""
    files.tenants = [changed(tenant(), ("tags", {f"tag{index}": "x" for index in range(43)}))]
    assert files.problems() == ()
    files.tenants = [changed(tenant(), ("tags", {f"tag{index}": "x" for index in range(44)}))]
    assert "remove 1 of them" in files.problem().remedy
    files.tenants = [changed(tenant(), ("tags", {"Owner": "x"}))]
    assert files.problem().key == "tags.Owner"
    files.tenants = []
    files.platform = changed(files.platform, ("tags", {"stage": "x"}))
    assert files.problem().key == "tags.stage"


@pytest.mark.parametrize(
    "principal",
    ["*", "arn:aws:iam::123456789012:root", "arn:aws:iam::999999999999:role/ci", "arn:aws:iam::123456789012:role/ci*"],
)
def test_trusted_principals(files: Files, principal: str) -> None:
    """Only a role or user of the platform's own account provisions tenants."""
    files.platform = changed(
        files.platform, ("provisioning.trusted_principals", ["arn:aws:iam::123456789012:user/a/b", principal])
    )
    assert files.problem().key == "provisioning.trusted_principals[1]"


SERVICE = {
    "image": "registry.example/bulkhead@sha256:" + "0" * 64,
    "role_arn": "arn:aws:iam::123456789012:role/service",
    "backend": "s3://acme-state",
    "secrets_provider": "awskms://alias/state",
    "issuer": "https://login.example",
    "database_secret": "database",
    "database_cidr": "10.32.0.0/24",
    "page_token_secret": "page-tokens",
    "specs_claim": "specs",
}


def test_verification_role(files: Files) -> None:
    """Who verifies tenants may provision them, and is the role that the service's workers have."""
    ci, service = "arn:aws:iam::123456789012:role/ci", SERVICE["role_arn"]
    files.platform = changed(files.platform, ("verification", {"worker_role_arn": service}))
    problem = files.problem()
    assert problem.key == "verification.worker_role_arn"
    assert "none of provisioning.trusted_principals" in problem.message
    files.platform = changed(files.platform, ("provisioning.trusted_principals", [ci, service]))
    assert files.problems() == ()
    files.platform = changed(files.platform, ("service", SERVICE))
    assert files.problems() == ()
    files.platform = changed(files.platform, ("verification.worker_role_arn", ci))
    assert f"they run as {service}" in files.problem().message
    for wrong in ("*", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:user/ada"):
        files.platform = changed(files.platform, ("verification.worker_role_arn", wrong))
        assert files.problem().key == "verification.worker_role_arn"


def test_service_role(files: Files) -> None:
    """A service beyond one machine runs as a role that may provision tenants."""
    role, service = SERVICE["role_arn"], SERVICE
    files.platform = changed(files.platform, ("service", service))
    assert files.problem().key == "service.role_arn"
    files.platform = changed(files.platform, ("provisioning.trusted_principals", [role]))
    assert files.problems() == ()
    for key, value in (("image", "registry.example/bulkhead:latest"), ("issuer", "http://login.example")):
        files.platform = changed(files.platform, (f"service.{key}", value))
        assert files.problem().key == f"service.{key}"
        files.platform = changed(files.platform, (f"service.{key}", service[key]))


def test_saml_metadata(files: Files) -> None:
    """The identity provider's metadata is a file beside the platform's spec."""
    files.platform = changed(files.platform, ("federation.saml_metadata", "idp.xml"))
    assert files.problem().key == "federation.saml_metadata"
    (files.folder / "idp.xml").write_text("<EntityDescriptor/>")
    assert files.problems() == ()


def test_a_cell_without_room(files: Files) -> None:
    """Where no range of the size is free the largest free one is proposed; where nothing is, another cell."""
    files.platform = changed(files.platform, ("cells.0.cidr", "10.64.0.0/23"))
    files.tenants = [tenant(cidr="10.64.0.0/25"), tenant("beta", cidr="10.64.1.0/24")]
    remedy = files.problem().remedy
    assert remedy == "write 10.64.0.128/25, which is free (no /24 is)"
    files.tenants = [tenant(cidr="10.64.0.0/24"), tenant("beta", cidr="10.64.1.0/24")]
    assert files.problem().remedy == "the cell has no free /28: choose another cell, or add one"


def test_instance_types(files: Files) -> None:
    """An instance type is one of SageMaker's; the nearest is proposed, and loads."""
    files.tenants = [changed(tenant(), ("models.0.instance_type", "ml.m55.large"))]
    problem = files.problem()
    assert (problem.key, problem.value) == ("models[0].instance_type", '"ml.m55.large"')
    assert "write ml.m5.large;" in problem.remedy
    files.tenants = [changed(tenant(), ("models.0.instance_type", "ml.m5.large"))]
    assert files.problems() == ()


def test_the_list_of_instance_types_is_the_sdks() -> None:
    """The list is what the installed SDK knows; ``scripts/update-instance-types`` writes it anew."""
    service = botocore.session.get_session().get_service_model("sagemaker")
    known = cast("list[str]", cast("Any", service.shape_for("ProductionVariantInstanceType")).enum)
    assert list(endpoint_instance_types()) == sorted(known)
