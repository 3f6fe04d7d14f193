"""The offline AWS provider: what `pulumi-resource-aws` does, for the resource types of our stacks, through boto3.

A thin table (`resources/`) says which AWS API operations carry which properties; names, types and limits come from
the installed `pulumi-aws` SDK (`schema`) and from botocore's service models (`shapes`, `limits`). It keeps no state.
"""
