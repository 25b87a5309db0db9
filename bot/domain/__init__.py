"""What Limner knows and decides: pure values, without input or output, Discord or a clock."""
