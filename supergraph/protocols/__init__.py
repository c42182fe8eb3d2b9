"""Wire protocols as state machines: frames in, events out; no sockets, no clocks, no tasks."""
