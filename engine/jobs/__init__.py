"""Jobs from their request to the memory of what they gave: queue, idempotency, timing, metrics. No torch."""
