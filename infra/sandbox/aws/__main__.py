"""`pulumi-resource-aws`: run the offline AWS provider as a plugin of the engine."""

import signal

from infra.sandbox.aws.server import serve_plugin

if __name__ == "__main__":
    # An interrupt reaches the whole process group; the engine decides when its plugins end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve_plugin()
