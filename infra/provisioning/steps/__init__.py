"""What the steps of operations do: one module a step, called in a process of its own with a `StepCall`."""
