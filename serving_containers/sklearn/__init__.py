"""The scikit-learn inference server: SageMaker's container contract in front of a model in skops format."""
