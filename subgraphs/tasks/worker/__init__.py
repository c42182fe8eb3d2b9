"""The worker: claims deliveries, sends them at each account's pace, records what became of them."""
