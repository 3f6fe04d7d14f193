"""`pulumi-resource-aws`: run the offline AWS provider as a plugin of the engine."""

from infra.sandbox.aws.server import serve_plugin

if __name__ == "__main__":
    serve_plugin()
