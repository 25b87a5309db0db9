"""`limner doctor`: looks at everything that Limner needs, and says of each what is well and what to do."""

from bot.cli.doctor.run_checks import doctor

__all__ = ["doctor"]
