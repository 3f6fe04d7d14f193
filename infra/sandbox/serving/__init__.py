"""The processes that stand for SageMaker's instances: the real inference server of each endpoint that is called."""
