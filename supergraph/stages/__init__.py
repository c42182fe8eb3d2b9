"""What happens to one request, in order: admit, document, operation, plan, execute, respond.

Each stage is a function from record to record in the module of its name; the records are in
`request`, `pipeline` runs the stages, and `user_stages` says how to add one.
"""
