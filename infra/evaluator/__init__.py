"""AWS's policy language and its decisions: one request and the policies that apply to it in, one verdict out.

Pure: it talks to no cloud. ``document`` holds the intermediate representation that evaluator, enforcement and prover
share.
"""
