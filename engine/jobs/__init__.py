"""Jobs from their request to their end: queue, registry, idempotency, timing, metrics. No torch."""
