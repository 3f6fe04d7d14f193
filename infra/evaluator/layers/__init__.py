"""The layers of AWS's evaluation, one a file. Source: IAM User Guide, "Policy evaluation logic"."""
