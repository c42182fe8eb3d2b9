"""`@defer`: an operation is cut into a primary part and deferred ones.

Each deferred part waits for the fetches that give its keys, and for nothing else. `parts` cuts the
operation, `walk` finds the fetches of a part where it stands in the trees of the others, `attach`
puts them there, and `schedule` makes the plan's nodes. `inline` turns them into a plan that
answers all at once, for who takes one answer only.
"""
